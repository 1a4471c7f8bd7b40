package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// chanceRow is how many changes were followed by an incident on one of their
// services, with what coincidence alone would give. The one is never printed
// without the other.
type chanceRow struct{ Said prose }

// suspicions are the windows after a change in which an incident makes it suspect.
var suspicions = []struct{ suspected, byChance, within string }{
	{"suspected_change_failure_4h", "suspected_by_chance_4h", "4 h"},
	{"suspected_change_failure_24h", "suspected_by_chance_24h", "24 h"},
	{"suspected_change_failure_72h", "suspected_by_chance_72h", "72 h"},
}

func (s *sheet) chances(ctx context.Context) ([]chanceRow, error) {
	var out []chanceRow
	for _, one := range suspicions {
		suspected, err := s.readingOf(ctx, one.suspected)
		if err != nil {
			return nil, err
		}
		chance, err := s.readingOf(ctx, one.byChance)
		if err != nil {
			return nil, err
		}
		if suspected == nil || chance == nil {
			continue
		}
		// Of the same period: a rate that is still pending shows an earlier one.
		v := suspected.value()
		at := suspected.Points[suspected.Shown]
		var by *metrics.Value
		for _, p := range chance.Points {
			if p.Start.Equal(at.Start) {
				by = p.Value
			}
		}
		if v == nil || v.Value == nil || v.K == nil || v.N == nil || by == nil || by.Value == nil {
			continue
		}
		interval := metrics.Plausible(suspected.KPI, *v, nil)
		s.print(*v, interval, metrics.Headline(suspected.KPI, []metrics.Value{*v}))
		s.print(*by, metrics.Interval{}, metrics.Headline(chance.KPI, []metrics.Value{*by}))
		said := tell("%s of %s changes, %s, were followed by an incident on one of their services within %s", partOf(*v, "k"), partOf(*v, "n"), figureOf(suspected.KPI.Kind, *v), one.within)
		if !suspected.current() {
			said = tell("Of %s: %s", dated(at.Name), said)
		}
		out = append(out, chanceRow{append(said, tell("; chance alone gives %s.", figureOf(chance.KPI.Kind, *by))...)})
	}
	return out, nil
}

// recovery says how long failed changes hurt.
func (s *sheet) recovery(ctx context.Context) (prose, error) {
	r, err := s.readingOf(ctx, "failed_change_recovery_time")
	if err != nil || r == nil || !r.collected() {
		return nil, err
	}
	return tell("%s: %s.", naming(r.KPI.Title), s.sentenceOf(r.KPI, r.Now)), nil
}
