// Package ingest lands what the sources hold in the warehouse, as they sent it.
// It knows where a record begins and ends, its id and its version, and nothing
// of KPIs.
//
// # The delivery contract
//
// At least once, raw, idempotent. A page of records is landed by one insert
// into raw_records, then its unreadable rows go to quarantine, and then the
// position of the file or feed moves. So, if the process dies
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
// # APIs
//
// An API is read feed by feed (issues, worklogs, log entries …). A feed has two
// marks. The cursor, inside one sync, moves after each landed page, so that a
// first sync of years goes on where it was. The watermark is set to the moment
// at which the sync began, by the source's own clock, and only when the sync is
// complete: never to the newest record seen, never after a failure. The next
// sync asks for what changed since the watermark less ten minutes, without an
// upper bound. What that brings a second time replaces itself.
//
// The version of a record is the moment of change that it states. The range that
// a source is complete for (sync_runs.covers_from, covers_to) goes from what its
// feeds reach back to up to the start of its last complete run.
//
// A vendor's answer is cut into records and each lands as it was sent: what is
// odd in one is found out in staging, and its page is not lost for it. Histories
// come as records of their own, complete: the cut ones that a vendor embeds are
// not relied upon. Lists that are short (statuses, fields, services, users) are
// read whole in every run and land where they differ.
//
// Deletions are seen where a feed names them, and else by a census: an id-only
// sweep of all that the source shows. What is absent from a complete one gets a
// tombstone, "gone or hidden", with the version of its last state, so that its
// return, with that same version, wins again. A census is done when it is asked
// for (Options.Census), or when the last one, or else the first complete sync, is
// older than Options.CensusAfter; one that would take most away is not believed.
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
