package simulate

import (
	"slices"
	"testing"
	"time"
)

// Of a life that goes on when the history ends, what lies ahead is not known.
func TestForgetTakesBackReopenings(t *testing.T) {
	at := func(h int) time.Time { return AsOf.Add(time.Duration(h) * time.Hour) }
	told := Incident{
		Created: at(0), FirstResolved: at(2), Resolved: at(10), Closed: at(20),
		Reopenings: []Reopening{{At: at(4), Resolved: at(6)}, {At: at(8), Resolved: at(10)}},
	}
	for end, want := range map[int]struct {
		resolved int // 0: open
		times    int
	}{1: {0, 0}, 3: {2, 0}, 5: {0, 1}, 7: {6, 1}, 9: {0, 2}, 11: {10, 2}} {
		i := told
		i.Reopenings = slices.Clone(told.Reopenings)
		i.forget(at(end))
		resolved := time.Time{}
		if want.resolved > 0 {
			resolved = at(want.resolved)
		}
		if !i.Resolved.Equal(resolved) || len(i.Reopenings) != want.times || i.FirstResolved.IsZero() != (end < 2) {
			t.Errorf("after %d hours: %+v", end, i)
		}
	}
}
