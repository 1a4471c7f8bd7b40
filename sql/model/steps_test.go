package model

import "testing"

const log = `
  - name: log
    type: file
    entity: incident
    shape: events
    path: log.csv
    nulls: ["", "?"]
    times: {layout: "dd-MM-yyyy HH:mm"}
    exclude: {category: [test]}
    fields:
      id: id
      title: title
      created_at: opened
      at: at
      status: {from: state, map: {New: created, Active: acknowledged, Resolved: resolved, Closed: closed}, default: working}
`

const steps = "SELECT id, at, kind FROM stg_incident_events FINAL ORDER BY id, at, kind"

// Each row of a log is a step in a record's life and a version of the record.
func TestStageStepsOfALog(t *testing.T) {
	s := newSite(t, log)
	rows := []string{
		`{"id":"1","title":"first words","state":"New","at":"01-10-2026 10:00","opened":"01-10-2026 10:00"}`,
		`{"id":"1","title":"last words","state":"Active","at":"01-10-2026 10:05","opened":"01-10-2026 10:00"}`,
		`{"id":"1","title":"last words","state":"Awaiting Vendor","at":"01-10-2026 10:30","opened":"01-10-2026 10:00"}`,
		`{"id":"1","title":"last words","state":"Resolved","at":"01-10-2026 11:00","opened":"?"}`,
		`{"id":"2","title":"a test","state":"New","at":"nonsense","category":"test"}`,
	}
	s.land(1, rows...)
	s.wantStage(false, "1 runs, rebuilt; 1 runs, rebuilt")
	life := []string{
		"1 | 2026-10-01 10:00:00.000 | created", "1 | 2026-10-01 10:05:00.000 | acknowledged",
		"1 | 2026-10-01 10:30:00.000 | working", "1 | 2026-10-01 11:00:00.000 | resolved"}
	s.want(steps, life...)
	s.want("SELECT id, title, filtered, created_at FROM stg_incidents FINAL ORDER BY id", "1 | last words | 0 | NULL", "2 | a test | 1 | NULL")
	// The file is read again from its beginning, with one row more.
	s.land(2, append(rows, `{"id":"1","title":"last words","state":"Closed","at":"15-10-2026 11:00"}`)...)
	s.wantStage(false, "1 runs; 1 runs")
	life = append(life, "1 | 2026-10-15 11:00:00.000 | closed")
	s.want(steps, life...)
	s.want("SELECT count() FROM stg_incident_events FINAL", "5")
	s.stage(true)
	s.want(steps, life...)
}

// A step without a readable time goes to quarantine; the record is staged. It is
// news once.
func TestStageStepsInQuarantine(t *testing.T) {
	s := newSite(t, log)
	s.land(1, `{"id":"1","title":"one","state":"New","at":"01-10-2026 10:00"}`, `{"id":"1","title":"two","state":"Active","at":"noon"}`, `{"id":"2","title":"three","state":"New","at":"","opened":"dawn"}`)
	s.wantStage(false, "1 runs, rebuilt, 1 quarantined; 1 runs, rebuilt, 1 quarantined")
	want := []string{
		`1 | run-1.csv | 3 | at: "noon" is not a time in dd-MM-yyyy HH:mm`,
		`2 | run-1.csv | 4 | at is empty`,
		`2 | run-1.csv | 4 | created_at: "dawn" is not a time in dd-MM-yyyy HH:mm`}
	s.want(held, want...)
	s.wantStage(true, "1 runs, rebuilt; 1 runs, rebuilt")
	s.want(held, want...)
	s.want("SELECT id, title FROM stg_incidents FINAL", "1 | two")
	s.want(steps, "1 | 2026-10-01 10:00:00.000 | created")
}

// A value that no map covers is reported; the step is there, of no kind.
func TestStageStepsOfUnknownKind(t *testing.T) {
	s := newSite(t, `
  - name: log
    type: file
    entity: incident
    shape: events
    path: log.csv
    fields: {id: id, at: at, status: {from: state, map: {New: created}}}
`)
	s.land(1, `{"id":"1","state":"New","at":"2026-10-01 10:00"}`, `{"id":"1","state":"Parked","at":"2026-10-01 11:00"}`, `{"id":"1","state":"resolved","at":"2026-10-01 12:00"}`)
	s.stage(false)
	s.want("SELECT at, kind, unmapped FROM stg_incident_events FINAL ORDER BY at",
		"2026-10-01 10:00:00.000 | created | []", "2026-10-01 11:00:00.000 |  | ['status=Parked']", "2026-10-01 12:00:00.000 | resolved | []")
}
