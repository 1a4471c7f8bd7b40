package reports

import (
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// The verdict and the table of all figures read the same point of a line.
func TestTheVerdictReadsWhatAllFiguresRead(t *testing.T) {
	s := &sheet{asOf: morning, clock: clock{melbourne}, period: metrics.Period{Kind: metrics.Month, StartsAt: morning.AddDate(0, -2, 0), EndsAt: morning.AddDate(0, -1, 0)}}
	judge := func(k metrics.KPI, pending bool, values ...float64) (judged, int) {
		t.Helper()
		r := series(k, values...)
		for i := range r.Points {
			r.Points[i].Name = "August 2026"
		}
		if last := r.Points[len(r.Points)-1].Value; pending {
			last.Complete, last.Unknown = false, 4
		}
		r.judge(time.Time{}, true)
		j, fate, err := s.judgeKPI(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return j, fate
	}
	rate := metrics.KPI{Name: "reopen_rate", Kind: metrics.KindRate, Better: "lower"}
	late := append(append([]float64{}, steady...), .3)
	if j, fate := judge(rate, true, late...); fate != cannotTell || j.text != "4 of its outcomes are pending or unknown; read at August 2026: normal" {
		t.Errorf("settles late, normal: %d %q", fate, j.text)
	}
	late[len(late)-2] = .99
	if j, fate := judge(rate, true, late...); fate != changed || j.Tone != "worse" || j.text != "unusually high, read at August 2026: above the normal range" {
		t.Errorf("settles late, high: %d %q %q", fate, j.Tone, j.text)
	}
	level := metrics.KPI{Name: "backlog", Kind: metrics.KindCount, Stock: true, Better: "lower"}
	if j, fate := judge(level, false, 1, 2, 3, 4, 40); fate != cannotTell || !j.level || j.text != "40, a level, not judged" {
		t.Errorf("a level: %d %q", fate, j.text)
	}
	if j, fate := judge(rate, false, 0, 1, 0, .5, 1, 0, .9, .1, 1, 0, .8, 0, 1, .5); fate != cannotTell || j.text != "varies too much to tell" {
		t.Errorf("varies: %d %q", fate, j.text)
	}
}
