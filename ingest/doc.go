// Package ingest lands what the sources hold in the warehouse, as they sent it.
// It knows where a record begins and ends, its id and its version, and nothing
// of KPIs.
//
// # The delivery contract
//
// At least once, raw, idempotent. A page of records is landed by one insert
// into raw_records, then its unreadable rows go to quarantine, and then the
// file's position moves. So, if the process dies
//
//   - before a page's insert: nothing of the page is there, the position stands
//     before it, and the next run reads the page again;
//   - after the insert, before the position: the next run lands the page a
//     second time with a higher seq. The current version of a record is the one
//     with the highest (updated_at, seq), so nothing is doubled;
//   - between quarantine and position: the next run quarantines nothing that is
//     there already;
//   - after the position: the next run goes on with the next page;
//   - at any moment: the run's row in sync_runs still says running. The next
//     run closes it and keeps its rows.
//
// A run that is cancelled lands the pages that are read, and says interrupted.
//
// # Files
//
// Files are read in the order of their paths. One that was read to its end and
// has not changed since (by the hash of its content) is skipped, one that has
// changed is read from its beginning. Where the source names no version column
// (latest), the last row of a record wins by file, then line; so every file
// after one that was read is read again, and the outcome is that of reading all
// of them afresh. A file that is gone leaves its rows.
//
// When the config names another id, version column, encoding or delimiter, the
// files are read again too, and a file's former rows are removed once it is
// done: under their old ids they would stand beside the new ones for ever.
//
// A row of CSV or TSV becomes a JSON object of strings, in the order of the
// columns. A column name that the header repeats becomes one array of strings.
// A JSON record stays as it is. At the end of either object stand _file, the
// path below the config's folder, and _line, the number (unquoted) of the line
// on which the record begins.
//
// One bad row never stops a file: a wrong number of columns, a quotation mark
// that is never closed, a line that is not a JSON object, a text that is not in
// the encoding, an empty id, a version that is no time all go to quarantine. A
// file that cannot be decoded at all, or whose header lacks a mapped column, is
// an error of its source; the other files are read.
package ingest
