package reports

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// flooded is the sample with so many more incidents in its last week, and what
// comes with them: half as many changes again, tickets, booked hours and pages.
func flooded(n int) company {
	c := sample(7)
	step := 6 * 24 * time.Hour / time.Duration(n)
	titles := []string{"Queue of the payment gateway does not drain, and retries pile up behind it", "Node not ready", "Certificate of the partner interface expires",
		"Search answers with errors for customers of the second region", "Batch of invoices stopped half-way"}
	for i := range n {
		service := fmt.Sprintf("service-%02d", i%60)
		row := incidentOf(20_000+i, thatWeek.Add(-8*time.Hour+time.Duration(i)*step), fmt.Sprintf("%s (%d)", titles[i%len(titles)], i/7))
		row.Services, row.Teams, row.Severity = []string{service}, []string{fmt.Sprintf("Team %d", i%14)}, uint8(1+i%5)
		row.Major = b2u(i%50 == 0)
		row.TitleKey, row.CustomerImpact, row.Exercise = strings.ToLower(titles[i%len(titles)]), ptr(uint8(i%2)), b2u(i%90 == 0)
		if i%3 > 0 {
			row.Cause, row.FixOwner = "capacity", "L3 "+row.Teams[0]
		}
		settle(&row, time.Duration(1+i%400)*11*time.Minute, c.AsOf)
		row.Acknowledged = ptr(row.Created.Add(time.Duration(1+i%40) * time.Minute))
		if i%9 == 0 {
			row.Resolved, row.FirstResolved, row.Status = nil, nil, "open"
		}
		c.Incidents = append(c.Incidents, row)
	}
	for i := range n * 3 / 2 {
		end := thatWeek.Add(-8*time.Hour + time.Duration(i)*step*2/3)
		key, service := fmt.Sprintf("CHG8%06d", i), fmt.Sprintf("service-%02d", i%60)
		row := changeRow{ID: "change-export:" + key, Source: "change-export", Key: key, URL: "https://desk.example.com/change/" + key, Title: "Release " + service,
			Services: []string{service}, Service: service, Teams: []string{"Web"}, Team: "Web", Kind: "deployment", Type: "normal", Risk: []string{"low", "moderate", "high"}[i%3],
			Environment: "production", Created: &end, Started: &end, Ended: &end, Status: "done", Outcome: "successful", OutcomeRecorded: 1, Attributes: map[string]string{}}
		if i%12 == 0 {
			row.Outcome = "failed"
		}
		c.Changes = append(c.Changes, row)
		if i%8 == 0 {
			c.Links = append(c.Links, linkRow{Change: row.ID, Incident: fmt.Sprintf("service-desk:OPS-%d", 20_000+i*2/3), Grade: []string{"explicit", "suspected"}[i/8%2], Basis: "service and time", Lag: ptr(int64(1200))})
		}
	}
	start := thatWeek.Add(-8 * time.Hour).UTC().Format("2006-01-02 15:04:05")
	at := fmt.Sprintf("toDateTime64('%s', 3, 'UTC') + toIntervalSecond(number * %d)", start, int(step.Seconds()/2))
	c.Also = append(c.Also,
		fmt.Sprintf(`INSERT INTO tickets (id, source, key, url, title, role, services, teams, points, created_at, resolved_at, work_class)
			SELECT concat('tracker:', toString(number)), 'tracker', concat('OPS-9', toString(number)), 'https://tracker.example.com/9', concat('Rotate the keys of host ', toString(number)), 'ticket',
				[concat('service-', leftPad(toString(number %% 60), 2, '0'))], ['Web'], 1 + number %% 5, %[1]s, if(number %% 3 = 0, NULL, %[1]s + toIntervalHour(5)), ['planned', 'unplanned', ''][1 + number %% 3]
			FROM numbers(%[2]d)`, at, 2*n),
		fmt.Sprintf(`INSERT INTO worklogs (id, source, ticket_id, ticket_key, person, started_at, hours, services, teams, work_class)
			SELECT concat('tracker:w', toString(number)), 'tracker', concat('tracker:', toString(number)), concat('OPS-9', toString(number)), concat('Person ', toString(number %% 80)), %s, 1.5,
				[concat('service-', leftPad(toString(number %% 60), 2, '0'))], ['Web'], ['planned', 'unplanned', ''][1 + number %% 3]
			FROM numbers(%d)`, at, 2*n))
	if made("pages") {
		c.Also = append(c.Also, fmt.Sprintf(`INSERT INTO pages (incident_id, source, at, person_id, person, time_zone, shift_id, first)
			SELECT concat('service-desk:OPS-', toString(20000 + intDiv(number, 2))), 'pager', %s, toString(number %% 40), concat('Person ', toString(number %% 40)), '', '', 1
			FROM numbers(%d)`, at, 2*n))
	}
	till := c.AsOf.Add(-12 * time.Minute)
	c.Sources = append(c.Sources, source{Name: "pager", Type: "pagerduty", Entity: "incident, page, oncall_shift", From: &c.From, To: &till, Records: uint64(2 * n), Staged: uint64(2 * n)},
		source{Name: "tracker", Type: "jira", Entity: "ticket, worklog", From: &c.From, To: &till, Records: uint64(4 * n), Staged: uint64(4 * n)})
	return whole(c)
}

// monthOf is the month that holds the flooded week.
func monthOf(t testing.TB, c company) metrics.Period {
	t.Helper()
	running, _ := metrics.Current(metrics.Periods(melbourne, tuesday, c.AsOf.AddDate(0, -3, 0), c.AsOf), metrics.Month, c.AsOf)
	if running == nil {
		t.Fatal("no month runs")
	}
	return *running
}

var evidenceRows = regexp.MustCompile(`<tr role="row" id="([^"]+)"`)

// A week of 2,000 incidents is one that people can still work from: the worst on
// cards, the first rows behind each number, and for the others how many they are
// and where they stand.
func TestScaleOfTwoThousandIncidents(t *testing.T) {
	conn := openWarehouse(t)
	c := flooded(2000)
	fill(t, conn, c)
	for name, p := range map[string]metrics.Period{metrics.Weekly: periodAt(t, metrics.Week, c.AsOf), metrics.Monthly: monthOf(t, c)} {
		page, made := text(t, conn, options("", c.AsOf), name, p, nil)
		kept(t, "scale-"+name, page)
		sound(t, name, page)
		if again, _ := text(t, conn, options("", c.AsOf), name, p, nil); again != page {
			t.Errorf("%s: two renders of the same data differ", name)
		}
		top, err := metrics.EvidenceTop(t.Context(), conn, p, 5)
		if err != nil {
			t.Fatal(err)
		}
		count := top["incident_count"].Count
		if count[metrics.Counted] < 1950 {
			t.Fatalf("%s: %d incidents count", name, count[metrics.Counted])
		}
		says(t, page, []string{" of " + metrics.Number(float64(count[metrics.Counted]+count[metrics.LeftOut])) + " rows are shown. All of them"})
		ids := map[string]bool{}
		for _, m := range evidenceRows.FindAllStringSubmatch(page, -1) {
			ids[m[1]] = true
		}
		if len(ids) < 300 || len(ids) > pageRows {
			t.Errorf("%s: %d rows of evidence", name, len(ids))
		}
		for kpi, one := range top {
			if len(one.Rows) > 0 && !ids[anchor(kpi, one.Rows[0].ID)] {
				t.Errorf("%s: the first row behind %s is not on the page", name, kpi)
			}
		}
		if name == metrics.Weekly {
			says(t, page, []string{metrics.Number(float64(count[metrics.Counted])) + " incidents began in this week"})
			hurt := floats(t, conn, `SELECT toFloat64(count()) FROM changes WHERE ended_at >= @from AND ended_at < @to AND
				(outcome = 'failed' OR outcome = 'rolled_back' OR id IN (SELECT change_id FROM change_incident_links WHERE grade = 'explicit' AND incident_id IN (SELECT id FROM incidents)))`, p, c)[0]
			rows := strings.Count(between(page, `id="changes"`, `<details>`), `<tr role="row" id="`)
			if rows != failuresShown || hurt < 200 {
				t.Errorf("%d of %v failed changes are named", rows, hurt)
			}
			says(t, page, []string{metrics.Number(hurt) + " of 3,0", fmt.Sprintf("The %d worst; %s more are in the evidence.", rows, metrics.Number(hurt-float64(rows)))})
		}
		if n := strings.Count(page, `<article class="card`); name == metrics.Weekly && n != cardsShown || n > cardsShown {
			t.Errorf("%s: %d cards", name, n)
		}
		if made.Verdict == "" || len(made.Printed) > 2000 {
			t.Errorf("%s: verdict %q, %d figures printed", name, made.Verdict, len(made.Printed))
		}
	}
}

func BenchmarkWeekly2000(b *testing.B) { benchmarkPage(b, metrics.Weekly) }

func BenchmarkMonthly2000(b *testing.B) { benchmarkPage(b, metrics.Monthly) }

// benchmarkPage times a page of a week, or of its month, with 2,000 incidents.
func benchmarkPage(b *testing.B, document string) {
	conn := openWarehouse(b)
	c := flooded(2000)
	fill(b, conn, c)
	p := periodAt(b, metrics.Week, c.AsOf)
	if document == metrics.Monthly {
		p = monthOf(b, c)
	}
	size := 0
	for b.Loop() {
		page, _ := text(b, conn, options("", c.AsOf), document, p, nil)
		size = len(page)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/page")
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(0, "ns/op")
}
