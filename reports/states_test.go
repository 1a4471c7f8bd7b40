package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

func TestAQuietWeekIsShort(t *testing.T) {
	conn := openWarehouse(t)
	from, to := time.Date(2026, 1, 6, 0, 0, 0, 0, melbourne), morning
	fill(t, conn, company{AsOf: morning, From: from, Sources: []source{
		{Name: "desk", Type: "file", Entity: "incident", From: &from, To: &to, Records: 5, Staged: 5},
		{Name: "changes", Type: "file", Entity: "change", From: &from, To: &to, Records: 5, Staged: 5},
	}})
	page, made := text(t, conn, options("", morning), metrics.Weekly, periodAt(t, metrics.Week, morning), nil)
	if want := "A quiet week: no incident began and nothing stands out."; made.Verdict != want {
		t.Errorf("verdict %q", made.Verdict)
	}
	says(t, page, []string{"A quiet week: no incident began and nothing stands out.", "no incident was open at the end", "no change was completed"}, "still open after", "NaN")
	if strings.Contains(page, "data-chart=\"chart-") {
		t.Error("a quiet week has charts")
	}
}

func TestNothingCollectedIsNotZero(t *testing.T) {
	conn := openWarehouse(t)
	fill(t, conn, company{AsOf: morning, From: morning.AddDate(0, -2, 0)})
	for name, kind := range kindOf {
		page, made := text(t, conn, options("", morning), name, periodAt(t, kind, morning), nil)
		says(t, page, []string{"not collected", "no source has delivered", "entity: change", "entity: incident"}, "0 %", "NaN", "A quiet week")
		if name == metrics.Monthly && made.Verdict != "Too few data to tell whether anything changed." || strings.Contains(made.Verdict, "quiet") {
			t.Errorf("%s: verdict %q", name, made.Verdict)
		}
	}
}

func TestEmptyWarehouseSaysWhatToRun(t *testing.T) {
	conn := openWarehouse(t)
	_, err := RenderTo(t.Context(), conn, options("", morning), metrics.Weekly, periodAt(t, metrics.Week, morning), nil, discard{})
	if err == nil || !strings.Contains(err.Error(), "run srekpi transform") {
		t.Errorf("got %v", err)
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestARunningWeekIsADraftAndNoPointOfTheLine(t *testing.T) {
	conn := openWarehouse(t)
	c := sample(7)
	c.AsOf = c.AsOf.AddDate(0, 0, -3) // Saturday
	fill(t, conn, c)
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, runningAt(t, metrics.Week, c.AsOf), nil)
	says(t, page, []string{"DRAFT this week is still running", "and nothing is judged by them"}, "Since then")
	month, made := text(t, conn, options("", c.AsOf), metrics.Monthly, runningAt(t, metrics.Month, c.AsOf), nil)
	says(t, month, []string{"June 2026 is still running"})
	if made.Verdict != "The month is still running." {
		t.Errorf("verdict %q", made.Verdict)
	}
}

func TestAnIssuedPageSaysSoAndListsWhatWasRestated(t *testing.T) {
	conn, c := filled(t, "sample")
	p := periodAt(t, metrics.Week, c.AsOf)
	issue := &metrics.Issue{Document: metrics.Weekly, PeriodStart: p.Start, IssuedAt: c.AsOf.Add(-time.Hour), DataAsOf: c.AsOf, Definition: "4be1f0a97c3d22e8b1"}
	page, made := text(t, conn, options("", c.AsOf), metrics.Weekly, p, issue)
	if !made.Issued {
		t.Error("the page is not issued")
	}
	says(t, page, []string{"ISSUED Tue 16 Jun 2026 07:30"}, "DRAFT", "Restated")
	if err := metrics.Publish(t.Context(), conn, metrics.Weekly, p, issue.IssuedAt, issue.DataAsOf, issue.Definition, made.Printed); err != nil {
		t.Fatal(err)
	}
	again, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, issue)
	if again != page {
		t.Error("an issued page that is rendered again on the same data differs")
	}
	// A ticket that came late: one incident more in that week.
	if err := conn.Exec(t.Context(), `ALTER TABLE kpi_values UPDATE value = value + 1, n = n + 1 WHERE kpi = 'incident_count' AND dim = 'all' AND period = 'week' AND period_start = '2026-06-09' SETTINGS mutations_sync = 2`); err != nil {
		t.Fatal(err)
	}
	later, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, issue)
	says(t, later, []string{"Restated since this was issued", "late or corrected data"})
}

func TestAPageListsWhatWasRestatedSinceTheLastIssue(t *testing.T) {
	conn, c := filled(t, "sample")
	run := func(query string) {
		t.Helper()
		if err := conn.Exec(t.Context(), query+" SETTINGS mutations_sync = 2"); err != nil {
			t.Fatal(err)
		}
	}
	publish := func(p metrics.Period) (*metrics.Issue, string) {
		t.Helper()
		issue := &metrics.Issue{Document: metrics.Weekly, PeriodStart: p.Start, IssuedAt: p.EndsAt, DataAsOf: p.EndsAt, Definition: "4be1f0a97c3d22e8b1"}
		page, made := text(t, conn, options("", c.AsOf), metrics.Weekly, p, issue)
		if err := metrics.Publish(t.Context(), conn, metrics.Weekly, p, issue.IssuedAt, issue.DataAsOf, issue.Definition, made.Printed); err != nil {
			t.Fatal(err)
		}
		return issue, page
	}
	before, p, running := periodAt(t, metrics.Week, c.AsOf.AddDate(0, 0, -7)), periodAt(t, metrics.Week, c.AsOf), runningAt(t, metrics.Week, c.AsOf)
	_, page := publish(before)
	says(t, page, nil, "Restated")

	run(`ALTER TABLE kpi_values UPDATE value = value + 1, n = n + 1 WHERE kpi = 'incident_count' AND dim = 'all' AND period = 'week' AND period_start = '2026-06-02'`)
	draft, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, nil)
	says(t, draft, []string{"Restated since the last issue", "Incidents, the week to 9 June", "late or corrected data"}, "Figures beyond these", "NaN")
	issue, page := publish(p)
	says(t, page, []string{"Restated since the last issue", "Incidents, the week to 9 June"})
	next, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, running, nil)
	says(t, next, nil, "Restated")

	// Everything is another figure: the page counts what it does not list, and
	// the issued one still says what it said.
	run(`ALTER TABLE kpi_values UPDATE value = value * 2 + 1, n = n + 1, k = k + 1 WHERE period = 'week' AND period_start = '2026-06-02'`)
	again, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, issue)
	_, said, _ := strings.Cut(page, `id="restatements"`)
	_, still, _ := strings.Cut(again, `id="restatements"`)
	said, _, _ = strings.Cut(said, "</section>")
	if still, _, _ = strings.Cut(still, "</section>"); still != said || said == "" {
		t.Errorf("an issued page said %q and says %q", said, still)
	}
	next, made := text(t, conn, options("", c.AsOf), metrics.Weekly, running, nil)
	earlier := 0
	for _, v := range made.Printed {
		if v.PeriodStart.Equal(before.Start) {
			earlier++
		}
	}
	says(t, next, []string{"Restated since the last issue", fmt.Sprintf("Figures beyond these: %d.", earlier-restatedShown)}, "NaN")
	if earlier <= restatedShown {
		t.Errorf("%d restated figures are recorded", earlier)
	}

	// Weeks that end elsewhere cannot be compared row by row.
	run(`ALTER TABLE periods DELETE WHERE period = 'week' AND period_start = '2026-06-02'`)
	next, _ = text(t, conn, options("", c.AsOf), metrics.Weekly, running, nil)
	says(t, next, []string{fmt.Sprintf("Issued figures of weeks that are no longer computed, which cannot be compared: %d; late or corrected data.", earlier)}, "Figures beyond these")
}

func TestTheVerdictSaysWhatReallyChanged(t *testing.T) {
	conn := openWarehouse(t)
	asOf := time.Date(2026, 6, 5, 9, 0, 0, 0, melbourne)
	fill(t, conn, sampleTo(7, asOf, time.Date(2026, 5, 1, 0, 0, 0, 0, melbourne)))
	p := periodAt(t, metrics.Month, asOf)
	page, made := text(t, conn, options("", asOf), metrics.Monthly, p, nil)
	says(t, page, []string{"One thing really changed in May 2026. Time to resolve (23 h): 5.5 times as long", "against the three months before; above the normal range.", "As usual", "Who finds out why, by when?"})
	if !strings.HasPrefix(made.Verdict, "Changed: time to resolve 5.5 times as long") {
		t.Errorf("verdict %q", made.Verdict)
	}
	if dir := os.Getenv("SREKPI_LOOK"); dir != "" {
		if err := write(filepath.Join(dir, "troubled", "monthly.html"), []byte(page)); err != nil {
			t.Fatal(err)
		}
		look(t, browser(t), filepath.Join(dir, "troubled", "monthly.html"), 1440, "light").picture(t, "troubled")
	}
}

func TestAnOldPeriodIsRebuilt(t *testing.T) {
	conn, c := filled(t, "sample")
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf.AddDate(0, -2, 0)), nil)
	says(t, page, []string{"REBUILT"}, "DRAFT", "Since then")
}

func TestMoreRowsThanAPageCarries(t *testing.T) {
	conn := openWarehouse(t)
	c := sample(7)
	when := time.Date(2026, 6, 10, 9, 0, 0, 0, melbourne)
	for n := range 900 {
		row := incidentOf(20000+n, when.Add(time.Duration(n)*time.Minute), strings.Repeat("Flood of alerts from the edge ", 9))
		row.Services, row.Teams, row.Severity = []string{"edge"}, []string{"Web"}, 4
		settle(&row, 90*time.Minute, c.AsOf)
		if n%9 == 0 {
			row.Exercise = 1
		}
		c.Incidents = append(c.Incidents, row)
	}
	fill(t, conn, c)
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	if len(page) > 2_000_000 {
		t.Errorf("%d bytes, over 2 MB", len(page))
	}
	says(t, page, []string{" of 910 rows are shown. All of them:", `srekpi sql "SELECT * FROM kpi_evidence WHERE kpi = 'incident_count'`, "left out"})
	hrefs(t, page)
}
