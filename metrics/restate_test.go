package metrics

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// ledger is a document with weeks from 5 January 2026, issued one by one.
type ledger struct {
	t    *testing.T
	conn driver.Conn
	runs int
}

func newLedger(t *testing.T) *ledger {
	l := &ledger{t: t, conn: engine(t, `CREATE TABLE periods (period String, period_start Date) ENGINE = Memory`,
		`INSERT INTO periods SELECT 'week', toDate('2026-01-05') + 7 * number FROM numbers(80)`)}
	l.define("v1", "1,2")
	l.land()
	return l
}

func (l *ledger) exec(query string) {
	l.t.Helper()
	if err := l.conn.Exec(context.Background(), query); err != nil {
		l.t.Fatalf("%s: %v", query, err)
	}
}

// define makes a build whose KPIs rest on one setting.
func (l *ledger) define(version, major string) {
	l.exec("TRUNCATE TABLE definitions")
	for _, kpi := range []string{"incident_count", "reopen_rate", "unplanned_work_ratio", "time_to_resolve"} {
		l.exec(fmt.Sprintf(`INSERT INTO definitions VALUES ('%s', '%s', 'settings', 'rule', 's%s', '[{"name":"incidents.major","value":"%s"}]'), ('%s', '%s', 'incidents', 'model', 'm', '')`,
			kpi, version, version, major, kpi, version))
	}
	l.exec("INSERT INTO builds (id, definition) SELECT max(id) + 1, '" + version + "' FROM builds")
}

// land is an ingest run that brings a record.
func (l *ledger) land() {
	l.runs++
	l.exec(fmt.Sprintf("INSERT INTO raw_records (source, id, run_id) VALUES ('desk', 'x', %d)", l.runs))
}

func (l *ledger) week(n int) Period {
	start := time.Date(2026, 1, 5+7*n, 0, 0, 0, 0, time.UTC)
	return Period{Kind: Week, Start: start, StartsAt: start, EndsAt: start.AddDate(0, 0, 7)}
}

// set makes what is known now of a week.
func (l *ledger) set(n int, v Value) {
	v.Period, v.PeriodStart = Week, l.week(n).Start
	if v.Dim == "" {
		v.Dim = "all"
	}
	start := v.PeriodStart.Format(time.DateOnly)
	l.exec(fmt.Sprintf("DELETE FROM kpi_values WHERE kpi = '%s' AND stat = '%s' AND period_start = '%s' AND dim = '%s' AND dim_value = '%s'", v.KPI, v.Stat, start, v.Dim, v.DimValue))
	number := func(x *float64) string {
		if x == nil {
			return "NULL"
		}
		return fmt.Sprintf("%.17g", *x)
	}
	l.exec(fmt.Sprintf("INSERT INTO kpi_values VALUES ('%s', '%s', 'week', '%s', '%s', '%s', %s, NULL, NULL, %s, %s, %v, 0, 0, %d)",
		v.KPI, v.Stat, start, v.Dim, v.DimValue, number(v.Value), number(v.K), number(v.N), v.Unknown, completed(v)))
}

// issue publishes a week as its page does: its own figures, and what it restates.
func (l *ledger) issue(n int) []string {
	l.t.Helper()
	p := l.week(n)
	rs, err := RestatedBy(context.Background(), l.conn, Weekly, p)
	if err != nil {
		l.t.Fatal(err)
	}
	var printed []Printed
	for _, dim := range []string{"all", "service"} {
		values, err := Values(context.Background(), l.conn, Query{Period: Week, From: p.Start, To: p.Start, Dim: dim})
		if err != nil {
			l.t.Fatal(err)
		}
		for _, v := range values {
			printed = append(printed, Printed{Value: v})
		}
	}
	for _, r := range rs {
		printed = append(printed, Printed{Value: r.Is})
	}
	if err := Publish(context.Background(), l.conn, Weekly, p, p.EndsAt, p.EndsAt, "build", printed); err != nil {
		l.t.Fatal(err)
	}
	return said(rs)
}

func said(rs []Restatement) []string {
	text := func(x *float64) string {
		if x == nil {
			return "none"
		}
		return Number(*x)
	}
	out := []string{}
	for _, r := range rs {
		gone := ""
		if r.Gone {
			gone = ", gone"
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Was.PeriodStart.Format("2 Jan"), r.Was.KPI, r.Was.DimValue))+
			fmt.Sprintf(": %s of %s, now %s of %s: %s%s", text(r.Was.Value), text(r.Was.N), text(r.Is.Value), text(r.Is.N), r.Cause(), gone))
	}
	return out
}

func (l *ledger) says(got []string, want ...string) {
	l.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		l.t.Errorf("want (-), got (+)\n%s", diff)
	}
}

func (l *ledger) since(n int) []string {
	l.t.Helper()
	rs, err := RestatedSince(context.Background(), l.conn, Weekly, l.week(n))
	if err != nil {
		l.t.Fatal(err)
	}
	return said(rs)
}

func (l *ledger) by(n int) []string {
	l.t.Helper()
	rs, err := RestatedBy(context.Background(), l.conn, Weekly, l.week(n))
	if err != nil {
		l.t.Fatal(err)
	}
	return said(rs)
}

func counted(x float64) Value {
	return Value{KPI: "incident_count", Stat: "count", Value: &x, N: &x, Complete: true}
}

func TestALateRecordIsRestatedOnce(t *testing.T) {
	l := newLedger(t)
	l.set(0, counted(4))
	l.set(0, Value{KPI: "time_to_resolve", Stat: "mean", Value: f(0.1 + 0.2), N: f(4), Complete: true})
	l.set(1, counted(7))
	l.says(l.issue(0))
	l.land()
	l.set(0, counted(5))
	l.set(0, Value{KPI: "time_to_resolve", Stat: "mean", Value: f(0.3), N: f(4), Complete: true}) // the same sum in another order
	want := "5 Jan incident_count: 4 of 4, now 5 of 5: late or corrected data"
	l.says(l.since(0), want)
	l.says(l.issue(1), want)
	l.says(l.by(1), want) // the issued page says the same when it is made again
	l.set(2, counted(1))
	l.says(l.issue(2))
	// Once more, more than a year later, and a week that was right until now.
	l.set(0, counted(6))
	l.set(1, counted(8))
	l.set(70, counted(2))
	l.says(l.by(1), want)
	l.says(l.by(0)) // a page behind the last issue restates nothing
	l.says(l.issue(70), "12 Jan incident_count: 7 of 7, now 8 of 8: late or corrected data", "5 Jan incident_count: 5 of 5, now 6 of 6: late or corrected data")
	l.says(l.since(0), "5 Jan incident_count: 4 of 4, now 6 of 6: late or corrected data")
	l.set(0, counted(7))
	l.says(l.by(5)) // never issued, and behind the last issue
	l.says(l.by(71), "5 Jan incident_count: 6 of 6, now 7 of 7: late or corrected data")
}

func TestSettlingIsNoRestatement(t *testing.T) {
	l := newLedger(t)
	rate := func(k, n, unknown float64, complete bool) Value {
		v := Value{KPI: "reopen_rate", Stat: "rate", K: &k, N: &n, Unknown: unknown, Complete: complete}
		if n > 0 {
			v.Value = f(k / n)
		}
		return v
	}
	l.set(0, rate(0, 0, 6, false))
	l.issue(0)
	l.set(0, rate(1, 3, 3, false))
	l.says(l.since(0))
	l.says(l.by(1))
	l.set(0, rate(2, 6, 0, true))
	l.says(l.since(0))
	l.set(1, rate(1, 5, 2, true))
	l.says(l.issue(1))
	// Settled figures are restated, also where the proportion stays.
	l.set(1, rate(2, 10, 2, true))
	l.says(l.since(1), "12 Jan reopen_rate: 0.2 of 5, now 0.2 of 10: late or corrected data")
	l.set(1, rate(2, 7, 0, true))
	l.says(l.since(1), "12 Jan reopen_rate: 0.2 of 5, now 0.3 of 7: outcomes that were not known then")
	// A count is never pending: an issue before the data were whole is restated.
	early := counted(3)
	early.Complete, early.Unknown = false, 0
	l.set(2, early)
	l.says(l.issue(2), "12 Jan reopen_rate: 0.2 of 5, now 0.3 of 7: outcomes that were not known then")
	l.set(2, counted(4))
	l.says(l.since(2), "19 Jan incident_count: 3 of 3, now 4 of 4: late or corrected data")
}

func TestAChangedRuleIsNamed(t *testing.T) {
	l := newLedger(t)
	l.set(0, counted(4))
	l.set(0, Value{KPI: "reopen_rate", Stat: "rate", Value: f(0), K: f(0), N: f(1), Unknown: 3})
	l.issue(0)
	l.define("v2", "1")
	l.says(l.by(1)) // another definition, the same figures
	l.set(0, counted(2))
	l.set(0, Value{KPI: "reopen_rate", Stat: "rate", Value: f(.5), K: f(1), N: f(2), Complete: true})
	want := []string{`5 Jan incident_count: 4 of 4, now 2 of 2: incidents.major was "1,2" and is "1"`,
		`5 Jan reopen_rate: 0 of 1, now 0.5 of 2: incidents.major was "1,2" and is "1"; outcomes that were pending have settled`}
	l.says(l.since(0), want...)
	l.land()
	for i := range want {
		want[i] += "; possibly late or corrected data too"
	}
	l.set(1, counted(1))
	l.says(l.issue(1), want...)
	l.define("v3", "1,2,3") // what v2 said is kept
	l.says(l.by(1), want...)
	l.set(2, counted(1))
	l.set(1, counted(3))
	l.says(l.issue(2), `12 Jan incident_count: 1 of 1, now 3 of 3: incidents.major was "1" and is "1,2,3"`)
	// An issue from before versions were kept per KPI.
	l.exec("ALTER TABLE published_values UPDATE kpi_definition = '' WHERE 1 SETTINGS mutations_sync = 2")
	l.set(2, counted(2))
	l.says(l.since(2), "19 Jan incident_count: 1 of 1, now 2 of 2: another definition version, or late data")
	l.exec("ALTER TABLE published_values UPDATE definition = 'v3' WHERE 1 SETTINGS mutations_sync = 2")
	l.says(l.since(2), "19 Jan incident_count: 1 of 1, now 2 of 2: late or corrected data")
}

// A rule that had changed by the last issue, and moved nothing then, is no cause
// of what changed after it.
func TestOnlyWhatChangedSinceTheLastIssueIsACause(t *testing.T) {
	l := newLedger(t)
	l.set(0, counted(4))
	l.issue(0)
	l.define("v2", "1")
	l.set(1, counted(1))
	l.says(l.issue(1))
	l.land()
	l.set(0, counted(5))
	late := "5 Jan incident_count: 4 of 4, now 5 of 5: late or corrected data"
	l.says(l.since(0), late)
	l.set(2, counted(1))
	l.says(l.issue(2), late)
	// A figure that was restated for two reasons has both, in their order.
	l.define("v3", "1,2,3")
	l.set(0, counted(9))
	l.says(l.by(3), `5 Jan incident_count: 5 of 5, now 9 of 9: incidents.major was "1" and is "1,2,3"`)
	l.says(l.since(0), `5 Jan incident_count: 4 of 4, now 9 of 9: late or corrected data; incidents.major was "1" and is "1,2,3"`)
	l.set(3, counted(1))
	l.issue(3)
	l.says(l.since(0), `5 Jan incident_count: 4 of 4, now 9 of 9: late or corrected data; incidents.major was "1" and is "1,2,3"`)
	// Back to what was issued: nothing to say on its page, but the next one must.
	l.set(0, counted(4))
	l.says(l.since(0))
	l.says(l.by(4), "5 Jan incident_count: 9 of 9, now 4 of 4: late or corrected data")
}

func TestAFigureThatIsNoLongerThereIsRestated(t *testing.T) {
	l := newLedger(t)
	l.set(0, counted(4))
	web := counted(3)
	web.Dim, web.DimValue = "service", "web"
	l.set(0, web)
	l.issue(0)
	l.exec("DELETE FROM kpi_values WHERE dim = 'service'")
	l.says(l.by(1), "5 Jan incident_count web: 3 of 3, now none of none: late or corrected data")
	// Weeks end elsewhere: none of the old ones is computed any more.
	l.exec("TRUNCATE TABLE kpi_values")
	l.exec("TRUNCATE TABLE periods")
	l.set(1, counted(1))
	want := []string{"5 Jan incident_count: 4 of 4, now none of none: late or corrected data, gone", "5 Jan incident_count web: 3 of 3, now none of none: late or corrected data, gone"}
	l.says(l.issue(1), want...)
	l.set(2, counted(1))
	l.says(l.issue(2))
}

func TestADefinitionIsKeptOnce(t *testing.T) {
	l := newLedger(t)
	for n := range 3 {
		l.set(n, counted(1))
		l.issue(n)
	}
	var rows uint64
	if err := l.conn.QueryRow(context.Background(), "SELECT count() FROM published_definitions").Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows of one KPI with two parts, %v", rows, err)
	}
}

func TestWhatOneDefinitionHasAndAnotherHasNot(t *testing.T) {
	rules := func(name string, rows ...string) definitionPart {
		content := "[" + strings.Join(rows, ",") + "]"
		return definitionPart{name, "rule", content, content}
	}
	sql := func(name, hash string) definitionPart { return definitionPart{name, "model", hash, ""} }
	work := func(rank int, label string) string {
		return fmt.Sprintf(`{"set":"work","sources":[],"rank":%d,"result":"unplanned","labels":["%s"]}`, rank, label)
	}
	issue := func(rank int, project string) string {
		return fmt.Sprintf(`{"set":"issues","sources":["jira"],"rank":%d,"result":"incident","projects":["%s"]}`, rank, project)
	}
	word := func(value, meaning string) string {
		return fmt.Sprintf(`{"source":"jira","entity":"incident","field":"severity","value":"%s","meaning":"%s"}`, value, meaning)
	}
	type parts = []definitionPart
	for name, c := range map[string]struct {
		before, after parts
		want          string
	}{
		"a setting": {parts{rules("settings", `{"name":"incidents.major","value":"1,2"}`)}, parts{rules("settings", `{"name":"incidents.major","value":"1"}`)},
			`incidents.major was "1,2" and is "1"`},
		"a length of time": {parts{rules("settings", `{"name":"changes.observed_for","value":"259200"}`)}, parts{rules("settings", `{"name":"changes.observed_for","value":"86400"}`)},
			`changes.observed_for was 3 d and is 24 h`},
		"a phrase more": {parts{rules("settings", `{"name":"recurrence.boilerplate","value":"Incident with"}`)},
			parts{rules("settings", `{"name":"recurrence.boilerplate","value":"Incident with"}`, `{"name":"recurrence.boilerplate","value":"Outage of"}`)},
			`recurrence.boilerplate: "Outage of" was added`},
		"a phrase less": {parts{rules("settings", `{"name":"recurrence.boilerplate","value":"Incident with"}`)}, parts{rules("settings")},
			`recurrence.boilerplate: "Incident with" was removed`},
		"a rule at the end":    {parts{rules("rules", work(1, "a"), work(2, "b"))}, parts{rules("rules", work(1, "a"), work(2, "b"), work(3, "c"))}, "work rule 3 is new"},
		"a rule at the start":  {parts{rules("rules", work(1, "a"), work(2, "b"))}, parts{rules("rules", work(1, "c"), work(2, "a"), work(3, "b"))}, "work rule 1 is new"},
		"a rule less":          {parts{rules("rules", work(1, "a"), work(2, "b"), work(3, "c"))}, parts{rules("rules", work(1, "a"), work(2, "c"))}, "the old work rule 2 was removed"},
		"a rule that changed":  {parts{rules("rules", work(1, "a"), work(2, "b"))}, parts{rules("rules", work(1, "a"), work(2, "c"))}, "work rule 2 has changed"},
		"rules in other order": {parts{rules("rules", work(1, "a"), work(2, "b"))}, parts{rules("rules", work(1, "b"), work(2, "a"))}, "the order of the work rules has changed"},
		"ten rules and more": {parts{rules("rules", work(10, "j"), work(9, "i"))}, parts{rules("rules", work(10, "j"), work(11, "k"), work(9, "i"))},
			"work rule 11 is new"},
		"an issue rule": {parts{rules("rules", issue(1, "OPS"), work(1, "a"))}, parts{rules("rules", issue(1, "SRE"), work(1, "a"))}, "issue rule 1 of jira has changed"},
		"a target":      {parts{rules("targets", `{"rank":1,"resolve_within":3600}`)}, parts{rules("targets", `{"rank":1,"resolve_within":7200}`)}, "target 1 has changed"},
		"an alias": {parts{rules("aliases", `{"kind":"service","alias":"db","name":"db"}`)}, parts{rules("aliases", `{"kind":"service","alias":"db","name":"Database"}`, `{"kind":"team","alias":"x","name":"Web"}`)},
			`service "db" was read as "db" and is read as "Database"; team "x" is read as "Web" now`},
		"a mapping": {parts{rules("source_settings", `{"source":"jira","mapping":"a"}`)}, parts{rules("source_settings", `{"source":"jira","mapping":"b"}`)},
			"how records of jira are read has changed (its mapping)"},
		"a word of a source": {parts{rules("source_settings", `{"source":"jira","mapping":"a"}`), rules("value_maps", word("High", "1"))},
			parts{rules("source_settings", `{"source":"jira","mapping":"b"}`), rules("value_maps", word("High", "2"))},
			`how records of jira are read has changed: severity "High" was "1" and is "2"`},
		"that closing resolves": {parts{rules("source_settings", `{"source":"jira","closing_resolves":0}`)}, parts{rules("source_settings", `{"source":"jira","closing_resolves":1}`)},
			`closing_resolves of the source jira was "0" and is "1"`},
		"a source":    {parts{rules("source_settings")}, parts{rules("source_settings", `{"source":"jira","mapping":"b"}`)}, "the source jira is new in the config"},
		"a team":      {parts{rules("teams", `{"team":"Core","tier":""}`)}, parts{rules("teams", `{"team":"Core","tier":"L3"}`)}, `tier of the team Core was "" and is "L3"`},
		"a model":     {parts{sql("incidents", "a"), sql("changes", "a")}, parts{sql("incidents", "b"), sql("changes", "a")}, "the model incidents has changed"},
		"a new model": {parts{}, parts{sql("recurrences", "b")}, "the model recurrences has changed"},
		"many models": {parts{}, parts{sql("a", ""), sql("b", "x"), sql("c", "x"), sql("d", "x"), sql("e", "x")}, "the models b, c and 2 more have changed"},
		"three":       {parts{}, parts{sql("b", "x"), sql("c", "x"), sql("d", "x")}, "the models b, c and d have changed"},
		"a rule and a model": {parts{rules("identity_order", `{"source":"a","rank":1}`), sql("incidents", "a")}, parts{rules("identity_order", `{"source":"a","rank":2}`), sql("incidents", "b")},
			"the order in which sources speak for an incident or change (identity.order) has changed; the model incidents has changed"},
		"nothing kept": {nil, nil, "its definition has changed"},
	} {
		if got := strings.Join(explained(c.before, c.after), "; "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
