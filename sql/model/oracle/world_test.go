package oracle

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The cases that the worlds have to hold: what the oracle says of them, by KPI.
// Without them the SQL and the oracle would agree on nothing much.
var cases = map[string][]string{
	"time_to_resolve": {"created to final resolution", "earliest of the merged ones to final resolution", "exercise or planned maintenance", "merged into", "flap of", "same as",
		"closed without a resolution time", "resolved before created"},
	"time_to_acknowledge": {"the source does not tell acknowledgements", "resolved by itself before anybody acknowledged", "acknowledged before created"},
	"time_to_mitigate": {"impact start to impact end", "created to impact end: no impact start", "impact start to resolution: no impact end",
		"created to resolution: no impact start or end", "impact start, still open", "created, still open", "mitigated before it began"},
	"impact_hours":                {"no customer was affected", "not stated whether customers were affected"},
	"time_to_escalate":            {"paged an L3 shift", "the source's escalation", "never reached L3", "the moment of the escalation is not known", "escalated before created"},
	"escalation_rate":             {"an L3 team worked on it", "still open, may yet escalate", "nothing tells when an incident reaches L3"},
	"reopen_rate":                 {"history", "counter", "pending: 14 days are not over", "the source does not say whether it was reopened", "not resolved"},
	"recurrence_rate_30d":         {"problem or duplicate link", "alert key", "service and cause", "service and title", "title says nothing", "no service is stated", "too near the start"},
	"recurrence_rate_90d":         {"problem or duplicate link", "alert key", "service and cause", "service and title"},
	"customer_detected_rate":      {"Customer", "monitoring", "nobody noted who noticed first"},
	"within_target_rate":          {"acknowledge and resolve", "late: acknowledge", "late: resolve", "late: acknowledge and resolve", "no target for it", "still open", "acknowledgement not known"},
	"change_failure_rate":         {"rolled back", "failed", "caused an incident", "mended by a hotfix", "successful with issues", "outcome not recorded", "pending: 72 hours are not over", "cancelled", "rejected", "not production: staging", "not completed"},
	"failed_change_recovery_time": {"its incidents", "its hotfixes", "nothing tells when it was recovered", "recovered before it ended"},
	"suspected_change_failure_4h": {"same service within 4 h", "pending: 4 hours are not over", "its end is not known", "no service is stated"},
	"unplanned_work_ratio":        {"unplanned", "toil", "its ticket is not known", "no rule of work fits its ticket"},
	"unplanned_work_ratio_points": {"not estimated", "not done"},
	"pages_per_shift":             {"an endless shift", "the shift is not over"},
	"off_hours_pages":             {"sleep", "off", "business", "the zone of who was paged is not known"},
	"action_closure_rate":         {"due date kept", "due date moved once", "no due date", "not due yet", "not due yet, done already"},
	"postmortem_coverage":         {"done in time", "done late", "unfinished", "none", "pending: its 10 working days are not over", "none required", "no post-mortems are collected"},
}

func TestWorldsHoldTheCases(t *testing.T) {
	night := At(time.Date(2026, 10, 3, 16, 0, 0, 0, time.UTC)) // the clocks go forward
	said, overNight, several := map[string][]string{}, 0, 0
	for _, p := range Plans {
		p.Worlds = min(p.Worlds, 100)
		c := p.Company()
		c.Compute()
		for kpi := range cases {
			for _, r := range c.Evidence(kpi, "duration") {
				for _, words := range []string{r.Basis, r.Reason} {
					if !slices.Contains(said[kpi], words) {
						said[kpi] = append(said[kpi], words)
					}
				}
				if kpi == "time_to_resolve" && r.Included && r.At.Known() && r.From < night && r.At > night {
					overNight++
				}
				if kpi == "change_failure_rate" && r.Hit == 1 && len(r.Refs) > 1 {
					several++
				}
			}
		}
	}
	for kpi, wanted := range cases {
		for _, words := range wanted {
			if !slices.ContainsFunc(said[kpi], func(s string) bool { return strings.HasPrefix(s, words) }) {
				t.Errorf("no world has %s: %s", kpi, words)
			}
		}
	}
	if overNight == 0 || several == 0 {
		t.Errorf("%d incidents lasted over the night of daylight saving, %d changes failed with several incidents", overNight, several)
	}
}

// The same plan makes the same worlds.
func TestWorldsAreSeeded(t *testing.T) {
	p := Plans[0]
	p.Worlds = 3
	one, other := p.Company(), p.Company()
	one.Compute()
	other.Compute()
	a, b := one.Evidence("time_to_resolve", "duration"), other.Evidence("time_to_resolve", "duration")
	if len(a) == 0 || !slices.EqualFunc(a, b, func(x, y Row) bool { return x.ID == y.ID && x.String() == y.String() }) {
		t.Errorf("%d and %d rows differ", len(a), len(b))
	}
}
