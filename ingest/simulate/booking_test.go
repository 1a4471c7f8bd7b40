package simulate

import (
	"testing"
	"time"
)

// The company's week: most hours are planned, but some weeks lose most of theirs.
func TestWorkIsMostlyPlanned(t *testing.T) {
	w := New(Seed, AsOf)
	all := map[string]float64{}
	weeks := map[string]map[string]float64{} // team and sprint's week
	teams := map[string]string{}
	for _, k := range w.Tickets {
		teams[k.Key] = k.Team
	}
	for _, i := range w.Incidents {
		teams[i.Key] = i.Team
	}
	for _, b := range w.Bookings {
		all[b.Class] += b.Hours()
		week := teams[b.Key] + weekStart(b.Started, 0).Format(time.DateOnly)
		if weeks[week] == nil {
			weeks[week] = map[string]float64{}
		}
		weeks[week][b.Class] += b.Hours()
	}
	total := all[Planned] + all[Unplanned] + all[Toil] + all[Unclassified]
	if share := all[Planned] / total; share < 0.55 || share > 0.68 {
		t.Errorf("%.2f of the hours are planned: %v", share, all)
	}
	lost := 0
	for _, week := range weeks {
		if week[Unplanned] > 25 && week[Unplanned] > 2*week[Planned] {
			lost++
		}
	}
	if lost < 5 || all[Unclassified] == 0 || all[Toil] == 0 {
		t.Errorf("%d weeks of a team are lost; %v", lost, all)
	}
	t.Log(all, lost, len(w.Tickets), len(w.Bookings))
}
