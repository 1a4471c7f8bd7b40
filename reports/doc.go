// Package reports writes the pages that people meet over: the weekly production
// catch-up, the monthly KPI review and the index of all issues. Each page is one
// HTML file that asks nothing of any host.
//
// A document is a list of blocks, and a block is one answer that somebody acts
// on: a query, a view and a template of its own. A block with nothing to say
// gives one sentence, or one line on what to configure, and those are gathered
// at the end: a quiet week is short.
//
// Promises: the same data, options and as-of give the same bytes. A figure of
// kpi_values is printed by one type only (figure), which marks it with the row
// that it comes from, so that a test can hold page against table. What a block
// counted itself is a tally, which a test counts again; no other number reaches a
// template. Text of a
// ticket is data: escaped in the markup, JSON in the charts, and the page's
// policy lets no script run but the two that it names by their hash. Without
// script the tables carry the page. A page is complete or not there: it is
// written beside its place and renamed. Each figure of its period links to the rows
// behind it; those that the page cannot hold stand in <page>-evidence/, written
// before the page that links to them.
package reports
