package ingest

import (
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// A first sync of 20,000 incidents.
func BenchmarkPagerDuty(b *testing.B) {
	b.Run("FirstSync", func(b *testing.B) { benchFirstSync(b, "pagerduty", 20_000) })
	b.Run("Memory", func(b *testing.B) { benchMemory(b, "pagerduty", 20_000) })
	b.Run("Memory10", func(b *testing.B) { benchMemory(b, "pagerduty", 200_000) })
}

// dutyNeeded is the requests that a first sync of an account cannot do without:
// each list's records by the page.
func dutyNeeded(a *pagerdutyapi.Account) int {
	entries, open := 0, 0
	for _, in := range a.Incidents {
		entries += len(in.Entries)
		if in.Status != "resolved" {
			open++
		}
	}
	pages := func(n int) int { return max(1, (n+pagerdutyLimit-1)/pagerdutyLimit) }
	const oncallWindows = 6 // 407 days of at most 88
	return pages(len(a.Incidents)) + pages(entries) + pages(len(a.ChangeEvents)) + pages(open) + len(pagerdutyLists) + oncallWindows
}
