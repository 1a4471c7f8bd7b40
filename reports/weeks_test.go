package reports

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// thatWeek is the week before the meeting.
var thatWeek = time.Date(2026, 6, 9, 9, 0, 0, 0, melbourne)

var chartData = regexp.MustCompile(`(?s)<script type="application/json" data-chart="([^"]*)">(.*?)</script>`)

// sound is what holds of every page, however odd its week.
func sound(t *testing.T, name, page string) {
	t.Helper()
	hrefs(t, page)
	if len(page) > 2_000_000 {
		t.Errorf("%s: %d bytes, over 2 MB", name, len(page))
	}
	shown := plain(page)
	for _, never := range []string{"NaN", "Inf", "%!", "−0", "none of none", " of 0,"} {
		if i := strings.Index(shown, never); i >= 0 {
			t.Errorf("%s says %q: …%s…", name, never, shown[max(0, i-80):min(len(shown), i+60)])
		}
	}
	data := map[string]string{}
	for _, m := range chartData.FindAllStringSubmatch(page, -1) {
		data[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile(`<div class="chart [a-z]+" id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !regexp.MustCompile(`"value":\[?[0-9.]`).MatchString(data[m[1]]) {
			t.Errorf("%s: the chart %s has no data", name, m[1])
		}
	}
}

// pagesOfWeek renders both documents of the period that ended last.
func pagesOfWeek(t *testing.T, c company) (weekly, monthly string, verdicts map[string]string) {
	t.Helper()
	conn := openWarehouse(t)
	fill(t, conn, c)
	verdicts = map[string]string{}
	for name, kind := range kindOf {
		page, made := text(t, conn, options("", c.AsOf), name, periodAt(t, kind, c.AsOf), nil)
		sound(t, name, page)
		verdicts[name] = made.Verdict
		if name == metrics.Weekly {
			weekly = page
		} else {
			monthly = page
		}
	}
	return weekly, monthly, verdicts
}

// few is a company of so many incidents in the week, collected since a moment.
func few(n int, from time.Time, shape func(int, *incidentRow)) company {
	till := morning
	c := company{AsOf: morning, From: from, Sources: []source{
		{Name: "service-desk", Type: "file", Entity: "incident", From: &from, To: &till, Records: uint64(n), Staged: uint64(max(n, 1))},
		{Name: "change-export", Type: "file", Entity: "change", From: &from, To: &till, Records: 1, Staged: 1},
	}}
	for i := range n {
		row := incidentOf(i+1, thatWeek.Add(time.Duration(i)*3*time.Minute), "Disk almost full on reporting database")
		row.Services, row.Teams, row.Severity = []string{"reporting-db"}, []string{"Data platform"}, 3
		settle(&row, 90*time.Minute, c.AsOf)
		if shape != nil {
			shape(i, &row)
		}
		c.Incidents = append(c.Incidents, row)
	}
	return whole(c)
}

func TestAWeekWithNoDataAtAll(t *testing.T) {
	weekly, monthly, verdicts := pagesOfWeek(t, whole(company{AsOf: morning, From: morning.AddDate(0, -2, 0)}))
	says(t, weekly, []string{"Time to acknowledge, Time to mitigate, Time to resolve, Incidents, Open incidents, Repeats within 90 days and Reopened: not collected: add a source with entity: incident",
		"Change failure rate: not collected: add a source with entity: change", "Pages outside business hours: not collected: add a source of type pagerduty"}, "0 %", "A quiet week")
	says(t, monthly, []string{"no figure of it is collected, so nothing can be told"}, "0 %", "really changed in")
	if verdicts[metrics.Weekly] != "Incidents are not collected." || verdicts[metrics.Monthly] != "Too few data to tell whether anything changed." {
		t.Errorf("%q", verdicts)
	}
}

func TestAFirstWeekEver(t *testing.T) {
	weekly, monthly, _ := pagesOfWeek(t, few(12, thatWeek.Add(-12*time.Hour), nil))
	says(t, weekly, []string{"12 incidents began in this week; none is still open.", "There are too few settled weeks to say what is normal.", "too early to say", "The first normal ranges appear after 12 settled weeks."},
		"None of these lines stands out.", "lines stands out.")
	says(t, monthly, []string{"service-desk begins on"}, "really changed in May")
}

func TestASingleIncident(t *testing.T) {
	weekly, _, verdicts := pagesOfWeek(t, few(1, morning.AddDate(0, -6, 0), nil))
	says(t, weekly, []string{"1 incident began in this week; none is still open.", "1.5 h, the only one resolved, none still open"}, "1 incidents")
	if !strings.HasPrefix(verdicts[metrics.Weekly], "1 incident; ") {
		t.Errorf("%q", verdicts)
	}
}

// Where an incident does not state its impact, its own start and end stand in;
// where none does, the time to mitigate would be the time to resolve again.
func TestImpactThatIsNotStated(t *testing.T) {
	weekly, _, _ := pagesOfWeek(t, few(6, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		if i < 2 {
			row.Impact, row.Mitigated = &row.Created, row.Resolved
		}
	}))
	says(t, between(weekly, `id="figures"`, `</section>`), []string{"Time to mitigate", "4 without a start or end of impact: "})
	says(t, weekly, nil, "no incident states when its impact")
	says(t, between(weekly, `id="kpis"`, `</section>`), []string{"Time to resolve"}, "Time to mitigate")
}

func TestImpactThatHalfOfTheIncidentsState(t *testing.T) {
	weekly, _, _ := pagesOfWeek(t, few(6, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		if i < 3 {
			row.Impact, row.Mitigated = &row.Created, row.Resolved
		}
	}))
	says(t, between(weekly, `id="kpis"`, `</section>`), []string{"Time to mitigate", "3 without a start or end of impact: "})
}

func TestImpactThatNoIncidentStates(t *testing.T) {
	weekly, monthly, _ := pagesOfWeek(t, few(6, morning.AddDate(0, -6, 0), nil))
	for _, page := range []string{weekly, monthly} {
		says(t, page, []string{"Time to mitigate: no incident states when its impact began or ended, so it would be time to resolve over again."}, "stands in")
	}
}

func TestAllIncidentsOpen(t *testing.T) {
	weekly, _, _ := pagesOfWeek(t, few(9, morning.AddDate(0, -6, 0), func(_ int, row *incidentRow) {
		row.Resolved, row.FirstResolved, row.Status = nil, nil, "open"
	}))
	says(t, weekly, []string{"9 incidents began in this week; 9 are still open.", "None resolved, 9 still open", "Last 13 weeks, open ones counted in: typical not reached.", "9 incidents were open on"})
}

// Incidents of which nobody says whether they hurt customers are not without impact.
func TestHoursOfImpactSayWhatIsNotStated(t *testing.T) {
	c := few(6, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		row.Created = row.Created.AddDate(0, -1, 0)
		row.Started = row.Created
		settle(row, 90*time.Minute, morning)
		if i < 2 {
			row.CustomerImpact = ptr(uint8(1))
		}
	})
	_, monthly, _ := pagesOfWeek(t, c)
	says(t, between(monthly, `id="figures"`, `</section>`), []string{"over 2 incidents · 4 not stated"})
	says(t, between(monthly, `id="evidence-impact_hours"`, `</article>`), []string{"the most hours first", "Incidents", "3 h"}, "Rows behind it Service")
	says(t, monthly, []string{"Hours of customer impact: 3 h over 2 incidents, too early to say. Of 4 more it is not stated whether customers were affected."})
}

func TestHoursOfImpactThatNobodyStates(t *testing.T) {
	_, monthly, _ := pagesOfWeek(t, few(6, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		row.Created = row.Created.AddDate(0, -1, 0)
		row.Started = row.Created
		settle(row, 90*time.Minute, morning)
	}))
	says(t, monthly, []string{"Hours of customer impact: not known. Of 6 incidents it is not stated whether customers were affected."})
}

// What is new among the kinds: a share of which nothing is classified, an
// average over no shift, a stock of none.
func TestNothingOfTheOtherKinds(t *testing.T) {
	c := few(3, morning.AddDate(0, -6, 0), nil)
	for i := range c.More {
		switch one := &c.More[i]; one.name {
		case "unplanned_work_ratio":
			one.evidence = strings.Replace(one.evidence, "% 10 = 0, NULL", "% 10 < 11, NULL", 1)
		case "pages_per_shift":
			one.evidence = ""
		}
	}
	weekly, monthly, _ := pagesOfWeek(t, c)
	says(t, weekly, []string{"0–100\u00a0%", "0–100\u00a0%, none of", ": collected, and there was nothing to measure.", "open at the end"}, "0 per shift")
	says(t, monthly, []string{": collected, and there was nothing to measure."})
}

func TestAHundredThousandIncidentsInAWeek(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a warehouse with 100,000 incidents")
	}
	c := few(0, morning.AddDate(0, -6, 0), nil)
	for i := range 100_000 {
		row := incidentOf(i+1, thatWeek.Add(time.Duration(i)*5*time.Second), fmt.Sprintf("Flood of alerts %c from the edge of the network, which is told at length", 'a'+i%26))
		row.Services, row.Teams, row.Severity = []string{"edge"}, []string{"Web"}, 4
		settle(&row, time.Duration(1+i%300)*time.Minute, c.AsOf)
		c.Incidents = append(c.Incidents, row)
	}
	conn := openWarehouse(t)
	fill(t, conn, c)
	c.Incidents = nil
	for name, kind := range kindOf {
		p := periodAt(t, kind, c.AsOf)
		if kind == metrics.Month {
			p = runningAt(t, kind, c.AsOf) // the month of that week
		}
		page, _ := text(t, conn, options("", c.AsOf), name, p, nil)
		sound(t, name, page)
		says(t, page, []string{"of 100,000 rows are shown. All of them:", `srekpi sql "SELECT * FROM kpi_evidence WHERE kpi = 'incident_count'`})
		if rows := strings.Count(page, `<tr role="row" id="`); rows < 300 || rows > pageRows {
			t.Errorf("%s: %d rows of evidence", name, rows)
		}
		if name == metrics.Weekly {
			says(t, page, []string{"100,000 incidents began in this week"})
		}
	}
}

// People know records by their keys, not by the ids that join them.
func TestRecordsAreNamedByTheirKeys(t *testing.T) {
	c := few(4, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		row.ID, row.Key, row.URL = fmt.Sprintf("jira:%d", 13040+i), fmt.Sprintf("INC-%d", 7+i), fmt.Sprintf("https://jira.example/browse/INC-%d", 7+i)
		if i == 1 {
			row.MergedInto = "jira:13040"
		}
		if i == 2 {
			row.MergedInto = "jira:99999" // not delivered
		}
	})
	weekly, monthly, _ := pagesOfWeek(t, c)
	says(t, weekly, []string{"merged into INC-7", "merged into jira:99999"}, "jira:13040")
	if !strings.Contains(weekly, `merged into </bdi><a class="key tight" href="https://jira.example/browse/INC-7">`) {
		t.Error("the record that a reason names has no link")
	}
	says(t, monthly, nil, "jira:13040")
}
