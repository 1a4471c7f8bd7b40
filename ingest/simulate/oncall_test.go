package simulate

import (
	"testing"
	"time"
)

// Every schedule has one person at every moment from its first hand-over on, and
// in the coming week; a week may have 167 hours.
func TestSchedulesHaveNoGap(t *testing.T) {
	w := New(Seed, AsOf)
	last := map[string]Shift{}
	odd := 0
	for _, s := range w.Shifts {
		if before, ok := last[s.Rotation]; ok && !before.End.Equal(s.Start) {
			t.Errorf("%s: %v to %v", s.Rotation, before.End, s.Start)
		}
		if s.End.Sub(s.Start) != 168*time.Hour {
			odd++
		}
		last[s.Rotation] = s
	}
	for name, s := range last {
		if s.End.Before(w.To.AddDate(0, 0, 7)) || !s.Start.Before(w.To.AddDate(0, 0, 7)) {
			t.Errorf("%s ends at %v", name, s.End)
		}
	}
	if len(last) != 5 || odd != 13 {
		t.Errorf("%d schedules, %d weeks of an odd length", len(last), odd)
	}
}
