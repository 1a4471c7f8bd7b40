package reports

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/srekpi/srekpi/metrics"
)

var (
	melbourne = mustZone("Australia/Melbourne")
	tuesday   = metrics.WeekEnd{Day: time.Tuesday}
	// A Tuesday morning before the meeting.
	morning = time.Date(2026, 6, 16, 8, 30, 0, 0, melbourne)
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// hostile is text that tickets bring and that must come out as text.
var hostile = []string{
	`</script><script>alert(1)</script>`,
	`__f__alert(1)__f__`,
	`=HYPERLINK("http://x")`,
	"\u202egnp.exe\u202c RTL marks \u200f",
	strings.Repeat("a very long title ", 222) + "end", // 4,000 characters
	`<img src=x onerror=alert(1)> "quotes' & 🔥🚒`,
	"NUL \x00 and bell \x07 and broken \xff UTF-8",
	"{{template}} {b} {c} ${x} `backtick`",
}

// problems are what this company suffers from: a title, its service, team and cause.
var problems = []struct{ title, service, team, cause, owner string }{
	{"Connection pool exhausted", "checkout-api", "Payments", "capacity", "L3 Payments"},
	{"Latency above 2 s on search", "search", "Discovery", "slow query", "L3 Discovery"},
	{"Disk almost full on reporting database", "reporting-db", "Data platform", "retention", "DevOps"},
	{"Login fails for single sign-on customers", "identity", "Identity", "certificate", "Vendor: Okta"},
	{"Nightly settlement file late", "settlement", "Payments", "", ""},
	{"Consumer lag on order events", "order-events", "Data platform", "deployment", "L3 Orders"},
	{"Images do not load in the mobile app", "cdn", "Web", "vendor outage", "Vendor: CDN"},
	{"Mail to customers delayed", "notify", "Web", "", ""},
	{"Pod restarts in the pricing service", "pricing", "Discovery", "memory leak", "L3 Discovery"},
	{"VPN to warehouse down", "network", "Infrastructure", "hardware", "DevOps"},
}

// sample is sixteen months of a company with 2 incidents a day and 3 changes a
// day: steady, then a slow and troubled last week.
func sample(seed uint64) company {
	return sampleTo(seed, morning, time.Date(2026, 6, 9, 0, 0, 0, 0, melbourne))
}

// sampleTo is the same up to another moment, with trouble from another one on.
func sampleTo(seed uint64, asOf, last time.Time) company {
	r := rand.New(rand.NewPCG(seed, 42))
	c := company{AsOf: asOf, From: time.Date(2025, 2, 18, 0, 0, 0, 0, melbourne)}
	var at []time.Time
	for day := c.From; day.Before(c.AsOf); day = day.AddDate(0, 0, 1) {
		for range r.IntN(4) {
			if when := day.Add(time.Duration(r.IntN(86400)) * time.Second); when.Before(c.AsOf) {
				at = append(at, when)
			}
		}
	}
	sort.Slice(at, func(i, j int) bool { return at[i].Before(at[j]) })
	for n, when := range at {
		p := problems[min(r.IntN(len(problems)), r.IntN(len(problems)))]
		typical := 3.2
		if when.After(last) {
			typical = 19
		}
		row := incidentOf(n+1, when, p.title)
		row.Services, row.Teams, row.Cause, row.FixOwner = []string{p.service}, []string{p.team}, p.cause, p.owner
		row.Severity = uint8(2 + r.IntN(3))
		if r.IntN(40) == 0 {
			row.Severity = 1
		}
		if r.IntN(12) == 0 {
			row.Severity = 0
		}
		row.Major = b2u(row.Severity == 1)
		if r.IntN(5) == 0 {
			row.Services = append(row.Services, "gateway")
		}
		// A share of the titles is unlike any other.
		if r.IntN(10) < 7 {
			row.Title, row.Cause = oneOff(r), ""
		}
		row.TitleKey = strings.ToLower(row.Title)
		took := time.Duration(typical * math.Exp(1.1*r.NormFloat64()) * float64(time.Hour))
		settle(&row, took, c.AsOf)
		switch {
		case r.IntN(60) == 0:
			row.Resolved, row.FirstResolved, row.Status = nil, nil, "open"
		case r.IntN(50) == 0:
			row.Exercise = 1
		case r.IntN(16) == 0 && row.Resolved != nil:
			row.Reopened = ptr(uint32(1))
		}
		c.Incidents = append(c.Incidents, row)
	}
	c.changes(r)
	till := c.AsOf.Add(-12 * time.Minute)
	c.Sources = []source{
		{Name: "change-export", Type: "file", Entity: "change", From: &c.From, To: &till, Records: uint64(len(c.Changes)), Staged: uint64(len(c.Changes))},
		{Name: "service-desk", Type: "file", Entity: "incident", From: &c.From, To: &till, Records: uint64(len(c.Incidents)) + 3, Staged: uint64(len(c.Incidents)), Quarantined: 3, Unmapped: 12},
	}
	c.Notes = []annotation{
		{At: time.Date(2025, 11, 3, 0, 0, 0, 0, melbourne), Title: "Friday freeze dropped"},
		{At: time.Date(2026, 3, 9, 0, 0, 0, 0, melbourne), Title: "New on-call rota"},
	}
	c.Held = []heldRow{
		{Source: "service-desk", Entity: "incident", ID: "OPS-77", File: "exports/2026-05.csv", Line: 412, Reason: "created_at: \"31/02/2026 10:00\" is no time of the layout 02/01/2006 15:04", FirstSeen: c.AsOf},
		{Source: "service-desk", Entity: "incident", ID: "OPS-81", File: "exports/2026-05.csv", Line: 430, Reason: "created_at: \"31/02/2026 10:00\" is no time of the layout 02/01/2006 15:04", FirstSeen: c.AsOf},
		{Source: "service-desk", Entity: "incident", File: "exports/2026-06.csv", Line: 9, Step: "ingest", Reason: "the row has no id", FirstSeen: c.AsOf},
	}
	return c
}

// infested is the sample with a week of hostile tickets.
func infested(seed uint64) company {
	c := sample(seed)
	last := time.Date(2026, 6, 9, 0, 0, 0, 0, melbourne)
	for n := range hostile {
		row := incidentOf(9000+n, last.Add(time.Duration(30+n)*time.Hour), hostile[n])
		row.Services, row.Teams, row.Cause, row.FixOwner = []string{clip(hostile[n], 30)}, []string{hostile[n]}, hostile[n], hostile[(n+1)%2]
		row.Severity, row.AlertKey = 3, hostile[n]
		row.URL = "javascript:alert(1)"
		settle(&row, 5*time.Hour, c.AsOf)
		earlier := row
		earlier.ID, earlier.Key = earlier.ID+"-before", earlier.Key+"-before"
		earlier.Created = row.Created.AddDate(0, 0, -9)
		settle(&earlier, 2*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, earlier, row)
	}
	for i, text := range hostile {
		one := c.Changes[len(c.Changes)-8-i]
		one.ID, one.Key, one.Title, one.Outcome, one.Risk, one.Kind, one.Services = one.ID+text, "CHG"+text, text, "failed", text, text, []string{text}
		c.Changes = append(c.Changes, one)
		c.Links = append(c.Links, linkRow{Change: one.ID, Incident: fmt.Sprintf("service-desk:OPS-%d", 9000+i), Grade: "explicit", Basis: text, Lag: ptr(int64(90))})
	}
	c.Notes = append(c.Notes, annotation{At: time.Date(2026, 1, 9, 0, 0, 0, 0, melbourne), Title: hostile[0]}, annotation{At: time.Date(2026, 1, 19, 0, 0, 0, 0, melbourne), Title: hostile[1]})
	c.Held = append(c.Held, heldRow{Source: hostile[0], Entity: "incident", File: hostile[5], Line: 7, Reason: hostile[0], FirstSeen: c.AsOf})
	return c
}

func incidentOf(n int, when time.Time, title string) incidentRow {
	key := fmt.Sprintf("OPS-%d", n)
	return incidentRow{ID: "service-desk:" + key, Source: "service-desk", Key: key, URL: "https://desk.example.com/browse/" + key, Title: title, Environment: "production",
		Created: when, Started: when, Reopened: ptr(uint32(0)), DetectedBy: "monitoring", Attributes: map[string]string{}}
}

// settle ends an incident after so long, unless that lies ahead.
func settle(row *incidentRow, took time.Duration, asOf time.Time) {
	row.Started, row.Status = row.Created, "open"
	row.Resolved, row.FirstResolved = nil, nil
	if end := row.Created.Add(took); end.Before(asOf) {
		row.Resolved, row.FirstResolved, row.Status = &end, &end, "resolved"
		row.Attributes = map[string]string{"resolution_notes": "Restarted the pods and raised the limit."}
	}
	if len(row.Services) > 0 {
		row.Service, row.Team = row.Services[0], row.Teams[0]
	}
}

func oneOff(r *rand.Rand) string {
	subjects := []string{"Export", "Invoice", "Refund", "Coupon", "Stock level", "Address check", "Loyalty points", "Label print", "Tax rate", "Parcel tracking"}
	verbs := []string{"stuck", "missing", "duplicated", "rejected", "shown twice", "rounded wrongly", "timed out", "empty"}
	where := []string{"for one merchant", "after import", "in the back office", "on the kiosk", "for gift orders", "in the evening batch", "for Belgian customers", "after midnight"}
	return subjects[r.IntN(len(subjects))] + " " + verbs[r.IntN(len(verbs))] + " " + where[r.IntN(len(where))]
}

func (c *company) changes(r *rand.Rand) {
	kinds, risks := []string{"deployment", "deployment", "deployment", "config", "feature_flag", "database", "infrastructure"}, []string{"low", "low", "moderate", "high", ""}
	n := 0
	for day := c.From; day.Before(c.AsOf.AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
		for range r.IntN(7) {
			n++
			start := day.Add(time.Duration(8+r.IntN(10)) * time.Hour)
			end := start.Add(time.Duration(10+r.IntN(80)) * time.Minute)
			p := problems[r.IntN(len(problems))]
			key := fmt.Sprintf("CHG%07d", n)
			row := changeRow{ID: "change-export:" + key, Source: "change-export", Key: key, URL: "https://desk.example.com/change/" + key, Title: "Release " + p.service + fmt.Sprintf(" 4.%d", n),
				Services: []string{p.service}, Service: p.service, Teams: []string{p.team}, Team: p.team, Kind: kinds[r.IntN(len(kinds))], Type: "normal", Risk: risks[r.IntN(len(risks))],
				Environment: "production", Started: &start, Ended: &end, Created: &start, Status: "done", Outcome: "successful", OutcomeRecorded: 1, Attributes: map[string]string{}}
			chance := map[string]int{"high": 5, "moderate": 14}[row.Risk]
			if chance == 0 {
				chance = 30
			}
			switch {
			case r.IntN(chance) == 0:
				row.Outcome = []string{"failed", "rolled_back"}[r.IntN(2)]
			case r.IntN(15) == 0:
				row.Outcome, row.OutcomeRecorded = "", 0
			}
			c.Changes = append(c.Changes, row)
			for i := range c.Incidents {
				one := &c.Incidents[i]
				lag := one.Created.Sub(end)
				if lag < 0 || lag > 4*time.Hour || one.Service != p.service {
					continue
				}
				grade := "suspected"
				if r.IntN(3) == 0 {
					grade, one.CausedByChange = "explicit", key
				}
				c.Links = append(c.Links, linkRow{Change: row.ID, Incident: one.ID, Grade: grade, Basis: "service and time", Lag: ptr(int64(lag / time.Second))})
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
