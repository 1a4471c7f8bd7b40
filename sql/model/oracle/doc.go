// Package oracle is a second opinion on every KPI: written from the prose of the
// definitions, in plain loops over small random worlds, with nothing of the SQL
// in it. It starts from the same staged records as the models do and says what
// evidence each KPI has, and what value that gives in each period.
//
// A world is a pager, a tracker and sometimes a file of its own. Many worlds
// stand in one Company, which is one build; they share the config, the moment
// and what the definitions say of all sources together.
package oracle
