// Package model turns landed records into the tables that analysts and reports
// read. A model is one SQL file: its header is the document that a reader
// opens, its body is one SELECT.
//
//   - Stage takes finished ingest runs into the stg_ tables, once each, and
//     rebuilds a source's rows when the text of its model or mapping changed.
//   - Build computes every mart, then every KPI's evidence, then the values, in
//     the order of what they read. All of it carries one build number.
//   - The checks in the headers run over that build. Only when all hold does one
//     row in builds make it visible: a reader sees the whole old set or the
//     whole new one. A process that dies before that leaves rows that no view
//     shows, and the next build removes them.
package model
