package simulate

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Files that WriteExports makes. The incidents come in two, as from a tool that
// archives older ones.
const (
	archiveFile = "incidents-archive.csv.gz"
	recentFile  = "incidents-recent.csv"
	changesFile = "changes.csv"
	sheetFile   = "mobile-releases.csv"
)

// WriteExports writes what the company's tools export into dir: the same bytes
// for the same history.
func (w *World) WriteExports(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for exports: %w", err)
	}
	split := monthStart(w.From, 7)
	cut, _ := slices.BinarySearchFunc(w.Incidents, split, func(i Incident, t time.Time) int { return i.Created.Compare(t) })
	archive, err := packed(incidentTable(w.Incidents[:cut]))
	if err != nil {
		return fmt.Errorf("pack %s: %w", archiveFile, err)
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{archiveFile, archive},
		{recentFile, append(text(incidentTable(w.Incidents[cut:])), badRows()...)},
		{changesFile, text(w.changeTable())},
		{sheetFile, text(w.sheetTable())},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o644); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	return nil
}

// WriteSheet writes the Mobile team's sheet into dir, the one file beside the
// company's tools. Two of its rows cannot be read.
func (w *World) WriteSheet(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the sheet: %w", err)
	}
	bad := [][]string{
		{"MOB-901", "Noted in a hurry"},
		{"MOB-902", "Went out on a day that does not exist", "deployment", prod, "2026-02-30 25:61", "", "", ""},
	}
	if err := os.WriteFile(filepath.Join(dir, sheetFile), append(text(w.sheetTable()), text(bad)...), 0o644); err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	return nil
}

var incidentColumns = []string{
	"number", "record_type", "title", "components", "team", "priority", "customer_impact", "environment", "state",
	"opened_at", "impact_start", "acknowledged_at", "escalated_at", "mitigated_at", "resolved_at", "closed_at",
	"reopen_count", "reassignment_count", "resolved_by", "merged_into", "alert_key", "cause", "fix_owner",
	"caused_by", "problem", "detected_by", "resolution", "link",
}

// priorities by severity, as the tool words them.
var priorities = [5]string{"", "1 - Critical", "2 - High", "3 - Moderate", "4 - Low"}

// incidentTable leaves out first resolutions: the tool keeps a counter only.
func incidentTable(incidents []Incident) [][]string {
	rows := [][]string{incidentColumns}
	for _, i := range incidents {
		kind := "Incident"
		if i.Exercise {
			kind = "Drill"
		} else if i.Maintenance {
			kind = "Maintenance"
		}
		impact := ""
		if i.CustomerImpact != nil {
			impact = map[bool]string{true: "yes", false: "no"}[*i.CustomerImpact]
		}
		rows = append(rows, []string{
			i.Key, kind, i.Title, strings.Join(i.Services, ";"), i.Team, priorities[i.Severity], impact, i.Environment, i.Status(),
			iso(i.Created), iso(i.ImpactStarted), iso(i.Acknowledged), iso(i.Escalated), iso(i.Mitigated), iso(i.Resolved), iso(i.Closed),
			strconv.Itoa(len(i.Reopenings)), strconv.Itoa(i.Reassigned), i.ResolvedBy, i.MergedInto, i.AlertKey, i.Cause, i.FixOwner,
			i.CausedBy, i.ProblemKey, i.DetectedBy, i.Resolution, "https://tickets.larkspur.example/" + i.Key,
		})
	}
	return rows
}

// quarantined is the number of badRows: a line cut short, and a date that no
// calendar has. Neither is an incident of the history.
const quarantined = 2

func badRows() []byte {
	cut := []string{"INC-99001", "Incident", "Export was interrupted here"}
	date := make([]string, len(incidentColumns))
	date[0], date[1], date[2], date[9] = "INC-99002", "Incident", "Opened on a day that does not exist", "2026-02-30T25:61:00Z"
	return text([][]string{cut, date})
}

var changeColumns = []string{
	"number", "short_description", "cmdb_ci", "assignment_group", "category", "type", "risk", "state", "close_code", "u_environment",
	"opened_at", "start_date", "end_date", "work_start", "work_end", "closed_at", "parent", "u_caused_incidents",
}

// How the change tool words kinds and outcomes.
var (
	categories = map[string]string{
		"deployment": "Deployment", "config": "Configuration", "feature_flag": "Feature flag",
		"infrastructure": "Infrastructure", "database": "Database",
	}
	closeCodes = map[string]string{
		Successful: "Successful", SuccessfulWithIssues: "Successful with issues", Failed: "Unsuccessful",
		RolledBack: "Backed out", Cancelled: "Cancelled", Rejected: "Rejected",
	}
)

// changeTable is the change tool's export: "?" stands for nothing.
func (w *World) changeTable() [][]string {
	rows := [][]string{changeColumns}
	for _, c := range w.Changes {
		if c.OnSheet() {
			continue
		}
		row := []string{
			c.Key, c.Title, c.Service, c.Team, categories[c.Kind], title(c.Type), title(c.Risk), c.Status(), closeCodes[c.Outcome], title(c.Environment),
			european(c.Created), european(c.PlannedStart), european(c.PlannedEnd), european(c.Started), european(c.Ended), european(c.Closed),
			c.ParentChange, strings.Join(c.CausedIncidents, ","),
		}
		for n := range row {
			if row[n] == "" {
				row[n] = "?"
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// sheetTable is the Mobile team's own list: what went out and when, never how
// it went.
func (w *World) sheetTable() [][]string {
	rows := [][]string{{"Release", "What", "Kind", "Stage", "Noted", "Planned", "Started", "Done"}}
	for _, c := range w.Changes {
		if c.OnSheet() {
			rows = append(rows, []string{
				c.Key, c.Title, c.Kind, c.Environment, blank(c.Created), blank(c.PlannedStart), blank(c.Started), blank(c.Ended),
			})
		}
	}
	return rows
}

func iso(t time.Time) string      { return stamp(t, time.RFC3339) }
func european(t time.Time) string { return stamp(t, "02-01-2006 15:04") }
func blank(t time.Time) string    { return stamp(t, "2006-01-02 15:04") }

func stamp(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// text is CSV; writing it to a buffer cannot fail.
func text(rows [][]string) []byte {
	var b bytes.Buffer
	cw := csv.NewWriter(&b)
	cw.WriteAll(rows)
	return b.Bytes()
}

// packed is gzip without name and date, so that its bytes depend on rows only.
func packed(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(text(rows)); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
