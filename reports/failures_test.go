package reports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// failing is a company with so many failed changes in its last week, of which the
// first few hurt least.
func failing(n int) company {
	c := few(n, morning.AddDate(0, -6, 0), nil)
	for i := range n {
		end := thatWeek.Add(time.Duration(i) * time.Minute)
		key := fmt.Sprintf("CHG%04d", i)
		c.Changes = append(c.Changes, changeRow{ID: "change-export:" + key, Source: "change-export", Key: key, URL: "https://desk.example.com/change/" + key, Title: "Release " + key,
			Services: []string{"search"}, Service: "search", Kind: "deployment", Type: "normal", Environment: "production", Started: &end, Ended: &end, Created: &end,
			Status: "done", Outcome: "failed", OutcomeRecorded: 1, Attributes: map[string]string{}})
		if i > 6 {
			c.Links = append(c.Links, linkRow{Change: c.Changes[i].ID, Incident: c.Incidents[i].ID, Grade: "suspected", Basis: "same service within 4 h", Lag: ptr(int64(60))})
		}
	}
	return c
}

// The sentences that open the page speak of the changes that the block names.
func TestTheFailuresThatOpenThePageAreThoseOfTheBlock(t *testing.T) {
	c := failing(45)
	conn := openWarehouse(t)
	fill(t, conn, c)
	for name, kind := range kindOf {
		p := periodAt(t, kind, c.AsOf)
		if name == metrics.Monthly {
			p = monthOf(t, c)
		}
		page, _ := text(t, conn, options("", c.AsOf), name, p, nil)
		hrefs(t, page)
		if name == metrics.Weekly {
			says(t, page, []string{"45 of 45 completed changes failed or caused an incident.", "The 40 worst; 5 more are in the evidence.", "Change CHG0007 Release CHG0007 failed."})
		}
		s, err := open(t.Context(), conn, options("", c.AsOf), name, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.findFailures(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 45 {
			t.Errorf("%s: %d findings", name, len(found))
		}
		for _, f := range found {
			if at, led := strings.CutPrefix(f.Pieces[1].URL, "#"); !led || !strings.Contains(page, ` id="`+at+`"`) {
				t.Errorf("%s: %q leads nowhere", name, f.Pieces[1].URL)
			}
		}
	}
}

// A record that states its cause makes a failure, as in the rate, also where
// nothing else is known of the incident.
func TestACauseIsAFailureWhateverIsKnownOfTheIncident(t *testing.T) {
	c := failing(2)
	c.Changes[0].Outcome, c.Changes[1].Outcome = "successful", "successful"
	c.Links = []linkRow{{Change: c.Changes[1].ID, Incident: "service-desk:GONE", Grade: "explicit", Basis: "the incident's links"}}
	weekly, _, _ := pagesOfWeek(t, c)
	hrefs(t, weekly)
	says(t, weekly, []string{"One of 2 completed changes failed or caused an incident.", "Change CHG0001 Release CHG0001 caused 1 incident.", "service-desk:GONE", "stated as its cause"})
}
