package model

import "testing"

const plain = `
  - name: tickets
    type: file
    entity: incident
    path: "*.csv"
    fields: {id: id, title: title, created_at: opened, resolved_at: done}
`

const staged = "SELECT id, title, run_id FROM stg_incidents FINAL WHERE deleted = 0 ORDER BY id"

// Only runs that ended and that were not taken yet are taken.
func TestStageTakesNewEndedRuns(t *testing.T) {
	s := newSite(t, plain)
	s.wantStage(false, "0 runs, rebuilt")
	s.land(1, `{"id":"a","title":"one","opened":"2026-10-01T10:00:00Z"}`)
	s.landIn(2, "running", `{"id":"b","title":"two","opened":"2026-10-01T10:00:00Z"}`)
	s.wantStage(false, "1 runs, rebuilt")
	s.want(staged, "a | one | 1")
	s.wantStage(false, "0 runs")
	s.landIn(3, "failed", `{"id":"a","title":"newer","opened":"2026-10-01T10:00:00Z"}`)
	s.wantStage(false, "1 runs")
	s.want(staged, "a | newer | 3")
	s.ended(2, "closed") // it died; the next ingest closed it
	s.wantStage(false, "1 runs")
	s.want(staged, "a | newer | 3", "b | two | 2")
	s.want("SELECT model, source, run_id FROM staged_runs ORDER BY run_id",
		"stg_tickets_incidents | tickets | 1", "stg_tickets_incidents | tickets | 2", "stg_tickets_incidents | tickets | 3")
}

// A crash between staging and its record means that runs are taken again.
func TestStageTwiceAddsNothing(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"one","opened":"2026-10-01T10:00:00Z"}`, `{"id":"b","title":"two","opened":"gestern"}`)
	s.wantStage(false, "1 runs, rebuilt, 1 quarantined")
	mustExec(t, s.conn, "TRUNCATE TABLE staged_runs")
	mustExec(t, s.conn, "CREATE TABLE staging_verdicts_gone (seq UInt64) ENGINE = Memory")
	s.wantStage(false, "1 runs, rebuilt")
	s.want("SELECT count() FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'staging_verdicts_')", "0")
	s.want(staged, "a | one | 1")
	s.want("SELECT count() FROM quarantine", "1")
	s.wantStage(true, "1 runs, rebuilt")
	s.want(staged, "a | one | 1")
	s.want("SELECT count() FROM quarantine", "1")
}

// One source's runs are no business of another.
func TestStageKeepsSourcesApart(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"one","opened":"2026-10-01T10:00:00Z"}`)
	s.stage(false)
	s.configure("  - {name: others, type: file, entity: incident, path: x.csv, fields: {id: id, title: title, created_at: opened}}\n" + plain[1:])
	s.land(1, `{"id":"a","title":"other","opened":"2026-10-01T10:00:00Z"}`)
	s.wantStage(false, "1 runs, rebuilt; 0 runs")
	s.want("SELECT source, title FROM stg_incidents FINAL ORDER BY source", "others | other", "tickets | one")
	s.wantStage(true, "1 runs, rebuilt; 1 runs, rebuilt")
	s.want("SELECT source, title FROM stg_incidents FINAL ORDER BY source", "others | other", "tickets | one")
}

// A changed mapping stages all records again, and lets out of quarantine what it
// can read.
func TestStageAgainWhenTheMappingChanges(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"one","name":"uno","opened":"2026-10-01T10:00:00Z"}`, `{"id":"b","title":"two","opened":"1/10/2026"}`, `{"id":"c","title":"three","opened":"never"}`)
	mustExec(t, s.conn, "INSERT INTO quarantine (source, entity, id, file, line, step, reason) VALUES ('tickets', 'incident', 'a', 'run-1.csv', 99, 'ingest', 'a quotation mark is never closed')")
	s.wantStage(false, "1 runs, rebuilt, 2 quarantined")
	s.land(2, `{"id":"d","title":"four","opened":"2026-10-01T10:00:00Z"}`)
	s.wantStage(false, "1 runs")
	s.configure(`
  - name: tickets
    type: file
    entity: incident
    path: "*.csv"
    times: {layout: [iso, d/M/yyyy]}
    fields: {id: id, title: {from: [name, title]}, created_at: opened}
`)
	s.stage(false)
	s.want(staged, "a | uno | 1", "b | two | 1", "d | four | 2")
	s.want(held, "a | run-1.csv | 99 | a quotation mark is never closed",
		`c | run-1.csv | 4 | created_at: "never" is not a time in iso or d/M/yyyy`)
}

// What does not convert goes to quarantine with its file and line, and the last
// version that could be read stays current.
func TestStageQuarantine(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"good","opened":"2026-10-01T10:00:00Z"}`, `{"id":"b","title":"good","opened":"2026-10-01T10:00:00Z"}`)
	s.stage(false)
	s.land(2, `{"id":"a","title":"bad","opened":"soon","done":"later"}`, `{"id":"c","title":"bad"}`, `{"id":"b","title":"better","opened":"2026-10-01T10:00:00Z"}`)
	s.wantStage(false, "1 runs, 2 quarantined")
	s.want(staged, "a | good | 1", "b | better | 2")
	s.want(held,
		`a | run-2.csv | 2 | created_at: "soon" is not a time in iso; resolved_at: "later" is not a time in iso`,
		`c | run-2.csv | 3 | created_at is empty`)
	s.want("SELECT first_seen, JSONExtractString(payload, 'title') FROM quarantine WHERE id = 'a'", "2026-11-01 00:00:00.000 | bad")
}

// Rows whose payload a retention has emptied cannot be staged again: they are
// carried over as they are.
func TestStageCarriesEmptiedPayloadsOver(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"old","title":"kept","opened":"2026-10-01T10:00:00Z"}`, `{"id":"new","title":"staged again","opened":"2026-10-01T10:00:00Z"}`)
	s.stage(false)
	mustExec(t, s.conn, "ALTER TABLE raw_records UPDATE payload = '' WHERE id = 'old' SETTINGS mutations_sync = 2")
	s.configure(plain[:len(plain)-2] + ", url: link}\n")
	s.wantStage(false, "1 runs, rebuilt")
	s.want(staged, "new | staged again | 1", "old | kept | 1")
	s.wantStage(true, "1 runs, rebuilt")
	s.want(staged, "new | staged again | 1", "old | kept | 1")
}

// A version that the source states beats the time of landing.
func TestStageByStatedVersion(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"newest","opened":"2026-10-01T10:00:00Z","_version":"2026-10-03T00:00:00Z"}`)
	s.land(2, `{"id":"a","title":"landed later","opened":"2026-10-01T10:00:00Z","_version":"2026-10-02T00:00:00Z"}`)
	s.land(3, `{"id":"a","title":"without version","opened":"2026-10-01T10:00:00Z"}`)
	s.stage(false)
	s.want(staged, "a | newest | 1")
	s.land(4, `{"id":"a","title":"same version, landed last","opened":"2026-10-01T10:00:00Z","_version":"2026-10-03T00:00:00Z"}`)
	s.stage(false)
	s.want(staged, "a | same version, landed last | 4")
}

// A record that the source no longer shows leaves, and returns when it is seen
// again.
func TestStageDeletedRecords(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"one","opened":"2026-10-01T10:00:00Z","_version":"2026-10-02T00:00:00Z"}`, `{"id":"b","title":"two","opened":"2026-10-01T10:00:00Z"}`)
	s.stage(false)
	s.land(2, `{"id":"a","_deleted":true,"_version":"2026-10-03T00:00:00Z"}`, `{"id":"b","_deleted":true}`)
	s.wantStage(false, "1 runs")
	s.want(staged)
	s.want("SELECT count() FROM quarantine", "0")
	s.land(3, `{"id":"a","title":"back","opened":"2026-10-01T10:00:00Z","_version":"2026-10-04T00:00:00Z"}`)
	s.stage(false)
	s.want(staged, "a | back | 3")
	s.stage(true)
	s.want(staged, "a | back | 3")
}

// Rows that a filter leaves out are staged, marked, and never questioned.
func TestStageFilters(t *testing.T) {
	s := newSite(t, `
  - name: tickets
    type: file
    entity: incident
    path: "*.csv"
    where: {kind: [Incident, "it's one"], region: [eu]}
    exclude: {state: [Test, Spam], "x.y": ["1"]}
    fields: {id: id, title: title, created_at: opened}
`)
	s.land(1,
		`{"id":"kept","kind":"Incident","region":"eu","state":"Open","x.y":"","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"kept-too","kind":"it's one","region":"eu","state":"","x.y":"2","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"no-state","kind":"Incident","region":"eu","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"other-kind","kind":"Request","region":"eu","state":"Open","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"no-kind","kind":"","region":"eu","state":"Open","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"other-region","kind":"Incident","region":"us","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"spam","kind":"Incident","region":"eu","state":"Spam","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"dotted","kind":"Incident","region":"eu","state":"Open","x.y":"1","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"unreadable","kind":"Request","region":"eu","state":"Open","opened":"never"}`)
	s.wantStage(false, "1 runs, rebuilt")
	s.want("SELECT id, filtered FROM stg_incidents FINAL ORDER BY filtered, id",
		"kept | 0", "kept-too | 0", "no-state | 0",
		"dotted | 1", "no-kind | 1", "other-kind | 1", "other-region | 1", "spam | 1", "unreadable | 1")
}

// A file that is read again, with a row mended in its place: the row leaves
// quarantine, and another mistake in a row takes the place of the first.
func TestStageReleasesWhatIsMendedInTheSource(t *testing.T) {
	s := newSite(t, plain)
	s.file = "export.csv"
	good := `{"id":"a","title":"one","opened":"2026-10-01T10:00:00Z"}`
	s.land(1, good, `{"id":"b","title":"two","opened":"soon"}`, `{"id":"c","title":"three","opened":"soon"}`, `{"id":"d","title":"four","opened":"soon"}`)
	s.wantStage(false, "1 runs, rebuilt, 3 quarantined")
	s.land(2, good, `{"id":"b","title":"two","opened":"2026-10-02"}`, `{"id":"c","title":"three","opened":"later"}`, `{"id":"d","title":"four","opened":"soon"}`)
	s.wantStage(false, "1 runs")
	after := []string{`c | export.csv | 4 | created_at: "later" is not a time in iso`, `d | export.csv | 5 | created_at: "soon" is not a time in iso`}
	s.want(held, after...)
	s.want(staged, "a | one | 2", "b | two | 2")
	s.wantStage(true, "2 runs, rebuilt")
	s.want(held, after...)
}
