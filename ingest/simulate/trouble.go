package simulate

import (
	"fmt"
	"strings"
	"time"
)

// trouble is a way in which a service fails. What it leaves blank, nobody in
// the company writes down for it, so that each rung of recurrence has its own.
type trouble struct {
	title   string // {host}, {n}, {id}, {time} differ each time
	alert   string
	cause   string
	problem string
}

// symptoms and causes make up the failures that have no history. They are many,
// so that two alike within a quarter are rare.
var (
	symptoms = []string{
		"Slow responses from %s", "Errors in %s", "Queue builds up behind %s", "Timeouts calling %s", "Wrong values in %s",
		"Certificate warning on %s", "Failed health check of %s", "Connection resets towards %s", "Missing entries in %s",
		"Retries exhausted for %s", "Deadlocks in %s", "Memory growth in %s", "Permission denied in %s", "Unreachable replica of %s",
	}
	causes = []string{
		"missing index", "expired credential", "thread leak", "firewall rule", "schema drift", "noisy neighbour", "bad default",
		"quota reached", "unhandled null", "library upgrade", "name resolution", "load balancer weights", "wrong feature flag",
		"clock skew", "partner change", "cache stampede", "unbounded query", "lost heartbeat", "log volume full", "stale config",
		"retry storm", "slow garbage collection", "dead node", "encoding mistake", "leap in traffic",
	}
	mends = []string{
		"Restarted the affected pods", "Rolled the configuration back", "Added capacity", "Failed over to the standby", "Cleared the backlog by hand",
		"Partner mended it on their side", "Deployed a fix", "Raised the limit,\nlasting fix to follow", "Went away by itself",
	}
	owners = []string{"L3 code", "DevOps", "another team", "vendor"}
)

// fill gives a title the details of this one occurrence.
func fill(d dice, title string, at time.Time) string {
	return strings.NewReplacer(
		"{host}", fmt.Sprintf("node-%d%c", 1+d.IntN(24), 'a'+d.IntN(3)),
		"{n}", fmt.Sprint(12+d.IntN(880)),
		"{id}", fmt.Sprintf("%d-%04x", 100+d.IntN(900), d.IntN(1<<16)),
		"{time}", at.Format("15:04"),
	).Replace(title)
}

// newTrouble draws what goes wrong today: old acquaintances or something new.
func newTrouble(d dice, s Service) trouble {
	if d.chance(0.4) {
		t := s.troubles[d.IntN(len(s.troubles))]
		if d.chance(0.25) {
			t.cause = "" // the paperwork was cut short
		}
		return t
	}
	part := d.pick(s.parts)
	symptom := d.pick(symptoms)
	t := trouble{title: fmt.Sprintf(symptom, part)}
	if d.chance(0.4) {
		first, _, _ := strings.Cut(symptom, " ")
		t.alert = strings.ToLower(s.Name + "/" + strings.ReplaceAll(part, " ", "-") + "/" + first)
	}
	if d.chance(0.55) {
		t.cause = d.pick(causes)
	}
	return t
}
