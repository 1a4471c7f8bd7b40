// Package prompt is the conversation with the warehouse: it cuts text into statements, completes names, keeps the
// history, and shows results on a terminal.
//
// What it promises: nothing typed can change the warehouse, since each statement passes the gate of package chdb and
// runs read-only; Ctrl-C stops a query and never the prompt; text from a ticket cannot steer the terminal; an open
// prompt holds up no run, and its answers stay those of one build until the user asks for the next.
package prompt

// DefaultFormat is a table for people, with the rows numbered.
const DefaultFormat = "PrettyCompactMonoBlock"
