package simulate

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func written(t *testing.T, w *World) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	if err := w.WriteExports(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{archiveFile, recentFile, changesFile, sheetFile} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
	}
	return files
}

func TestSameSeedSameBytes(t *testing.T) {
	one, two := written(t, New(Seed, AsOf)), written(t, New(Seed, AsOf))
	other := written(t, New(Seed+1, AsOf))
	for name := range one {
		if !bytes.Equal(one[name], two[name]) {
			t.Errorf("%s differs between two runs", name)
		}
		if bytes.Equal(one[name], other[name]) {
			t.Errorf("%s does not depend on the seed", name)
		}
	}
}

// rows reads CSV as a map per row; rows that are too short come back apart.
func rows(t *testing.T, content []byte) (all []map[string]string, short int) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range records[1:] {
		if len(rec) != len(records[0]) {
			short++
			continue
		}
		row := map[string]string{}
		for n, column := range records[0] {
			row[column] = rec[n]
		}
		all = append(all, row)
	}
	return all, short
}

func moment(t *testing.T, layout, s string) time.Time {
	t.Helper()
	if s == "" || s == "?" {
		return time.Time{}
	}
	parsed, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.UTC()
}

func split(s, by string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, by)
}

func TestIncidentsParseBackToTheHistory(t *testing.T) {
	w := New(Seed, AsOf)
	files := written(t, w)
	zr, err := gzip.NewReader(bytes.NewReader(files[archiveFile]))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	old, _ := rows(t, archive)
	recent, short := rows(t, files[recentFile])
	if short != 1 {
		t.Errorf("%d rows are cut short, want 1", short)
	}
	if len(old) < 200 || len(recent) < 200 {
		t.Errorf("%d rows in the archive, %d recent: not halves", len(old), len(recent))
	}
	byKey := map[string]Incident{}
	for _, i := range w.Incidents {
		byKey[i.Key] = i
	}
	bad := 0
	for _, row := range append(old, recent...) {
		if _, err := time.Parse(time.RFC3339, row["opened_at"]); err != nil {
			bad++
			continue
		}
		at := func(column string) time.Time { return moment(t, time.RFC3339, row[column]) }
		want := byKey[row["number"]]
		delete(byKey, row["number"])
		got := Incident{
			Key: row["number"], Title: row["title"], Services: split(row["components"], ";"), Team: row["team"],
			Severity: slices.Index(priorities[:], row["priority"]), Environment: row["environment"],
			Exercise: row["record_type"] == "Drill", Maintenance: row["record_type"] == "Maintenance",
			Created: at("opened_at"), ImpactStarted: at("impact_start"), Acknowledged: at("acknowledged_at"), Escalated: at("escalated_at"),
			Mitigated: at("mitigated_at"), Resolved: at("resolved_at"), Closed: at("closed_at"),
			Reassigned: int(row["reassignment_count"][0] - '0'),
			ResolvedBy: row["resolved_by"], DetectedBy: row["detected_by"], MergedInto: row["merged_into"], AlertKey: row["alert_key"],
			ProblemKey: row["problem"], Cause: row["cause"], FixOwner: row["fix_owner"], CausedBy: row["caused_by"], Resolution: row["resolution"],
		}
		switch row["customer_impact"] {
		case "yes":
			got.CustomerImpact = yes()
		case "no":
			got.CustomerImpact = new(bool)
		}
		if row["state"] != want.Status() {
			t.Errorf("%s: state %q, want %q", want.Key, row["state"], want.Status())
		}
		if row["reopen_count"] != strconv.Itoa(len(want.Reopenings)) {
			t.Errorf("%s: reopened %s times, want %d", want.Key, row["reopen_count"], len(want.Reopenings))
		}
		want.FirstResolved, want.Reopenings, want.Story, want.Held = time.Time{}, nil, "", Held{} // in no export
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v\nwant\n%+v", got, want)
		}
	}
	if bad+short != quarantined {
		t.Errorf("%d bad rows, want %d", bad+short, quarantined)
	}
	if len(byKey) != 0 {
		t.Errorf("%d incidents are in no file", len(byKey))
	}
}

func TestChangesParseBackToTheHistory(t *testing.T) {
	w := New(Seed, AsOf)
	files := written(t, w)
	tool, _ := rows(t, files[changesFile])
	sheet, _ := rows(t, files[sheetFile])
	byKey := map[string]Change{}
	for _, c := range w.Changes {
		c.Story = ""
		byKey[c.Key] = c
	}
	back := func(words map[string]string, word string) string {
		for ours, theirs := range words {
			if theirs == word {
				return ours
			}
		}
		return ""
	}
	for _, row := range tool {
		for column, cell := range row {
			if cell == "" {
				t.Fatalf("%s: %s is empty, not ?", row["number"], column)
			}
			row[column] = strings.TrimPrefix(cell, "?")
		}
		at := func(column string) time.Time { return moment(t, "02-01-2006 15:04", row[column]) }
		got := Change{
			Key: row["number"], Title: row["short_description"], Service: row["cmdb_ci"], Team: row["assignment_group"],
			Kind: back(categories, row["category"]), Type: strings.ToLower(row["type"]), Risk: strings.ToLower(row["risk"]),
			Environment: strings.ToLower(row["u_environment"]), Created: at("opened_at"), PlannedStart: at("start_date"), PlannedEnd: at("end_date"),
			Started: at("work_start"), Ended: at("work_end"), Closed: at("closed_at"), Outcome: back(closeCodes, row["close_code"]),
			ParentChange: row["parent"], CausedIncidents: split(row["u_caused_incidents"], ","),
		}
		if want := byKey[got.Key]; !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v\nwant\n%+v", got, want)
		}
		delete(byKey, got.Key)
	}
	for _, row := range sheet {
		at := func(column string) time.Time { return moment(t, "2006-01-02 15:04", row[column]) }
		want := byKey[row["Release"]]
		delete(byKey, row["Release"])
		got := Change{
			Key: row["Release"], Title: row["What"], Service: sheetService, Team: "Mobile", Kind: row["Kind"], Environment: row["Stage"],
			Created: at("Noted"), PlannedStart: at("Planned"), Started: at("Started"), Ended: at("Done"),
		}
		want.PlannedEnd = time.Time{} // not on the sheet
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v\nwant\n%+v", got, want)
		}
	}
	if len(byKey) != 0 {
		t.Errorf("%d changes are in no file", len(byKey))
	}
}
