package model

import (
	"context"
	"testing"
	"time"
)

// A build stands for the next one only while all that its rows follow from is
// the same.
func TestBuildStandsWhileAllIsTheSame(t *testing.T) {
	conn := database(t, "builds", "stg_people", "sync_runs")
	changes := map[string]string{
		"marts/heads.sql": `-- mart: heads
-- title: Heads
-- grain: one row
-- key: heads
-- reads: stg_people
-- columns:
--   heads: how many people
SELECT count() AS heads FROM stg_people FINAL`,
		"marts/complete.sql": `-- mart: complete
-- title: Complete
-- grain: one row
-- key: runs
-- reads: sync_runs
-- columns:
--   runs: how many were complete
SELECT countIf(status = 'complete') AS runs FROM sync_runs`,
	}
	numbers := numbersIn([]any{"a", int64(1)})
	at := asOf
	made := uint32(0)
	try := func(what string, fresh bool) {
		t.Helper()
		p, err := Build(context.Background(), conn, worldWith(t, changes), BuildOptions{AsOf: at, Inputs: []Input{numbers}, Now: clock, Reuse: true})
		if err != nil {
			t.Fatal(err)
		}
		if fresh {
			made++
		}
		if p.Stands == fresh || p.ID != made || p.Definition == "" || p.Models != 8 {
			t.Errorf("%s: got %+v, want build %d, new %t", what, p, made, fresh)
		}
	}
	try("the first", true)
	try("nothing", false)
	at = at.Add(time.Second)
	try("another moment", true)
	numbers = numbersIn([]any{"a", int64(2)})
	try("another rule", true)
	mustExec(t, conn, "INSERT INTO stg_people (source, id) VALUES ('jira', 'u1')")
	try("a staged row", true)
	mustExec(t, conn, "INSERT INTO sync_runs (run_id, source, status) VALUES (1, 'jira', 'failed')")
	try("a run that no row speaks of", false)
	mustExec(t, conn, "INSERT INTO sync_runs (run_id, source, status) VALUES (2, 'jira', 'complete')")
	try("a run that a row speaks of", true)
	changes["marts/total.sql"] = world["marts/total.sql"] + " WHERE 1"
	try("another query", true)
	try("nothing again", false)
	if p := mustBuild(t, conn, worldWith(t, changes), numbers); p.ID != made+1 {
		t.Errorf("one that was asked for: got %+v", p)
	}
}
