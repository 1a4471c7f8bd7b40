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
		if suspected == nil {
			continue
		}
		v := suspected.value()
		by, err := s.byChanceOf(ctx, suspected)
		if err != nil {
			return nil, err
		}
		if by == nil || v == nil || v.Value == nil || v.K == nil || v.N == nil {
			continue
		}
		s.print(*v, metrics.Plausible(suspected.KPI, *v, nil), metrics.Headline(suspected.KPI, []metrics.Value{*v}))
		what, their := "changes", "their"
		if *v.N == 1 {
			what, their = "change", "its"
		}
		was := "were"
		if *v.K == 1 {
			was = "was"
		}
		said := tell("%s of %s %s, %s, %s followed by an incident on one of %s services within %s", partOf(*v, "k"), partOf(*v, "n"), what, figureOf(suspected.KPI.Kind, *v), was, their, one.within)
		if !suspected.current() {
			said = tell("Of %s: %s", dated(suspected.Points[suspected.Shown].Name), said)
		}
		out = append(out, chanceRow{append(said, tell("; chance alone gives %s: %s.", by.figure, besideChance(metrics.Plausible(suspected.KPI, *v, nil), by.value))...)})
	}
	return out, nil
}

// chanceOf is what chance alone gives beside a suspicion, of the same period: a
// rate that is still pending shows an earlier one. Nil for other KPIs.
func (s *sheet) chanceOf(ctx context.Context, suspected *reading) (*figure, error) {
	by, err := s.byChanceOf(ctx, suspected)
	if by == nil {
		return nil, err
	}
	return &by.figure, err
}

// coincidence is what chance alone gives, printed and as a number.
type coincidence struct {
	figure figure
	value  float64
}

// besideChance says whether a suspected rate differs from that of chance: only
// where the whole of its interval lies on one side.
func besideChance(i metrics.Interval, chance float64) string {
	switch {
	case i.OK && i.Low > chance:
		return "more than chance"
	case i.OK && i.High < chance:
		return "less than chance"
	}
	return "cannot tell from chance"
}

// byChanceOf is chanceOf with the number.
func (s *sheet) byChanceOf(ctx context.Context, suspected *reading) (*coincidence, error) {
	for _, one := range suspicions {
		if one.suspected != suspected.KPI.Name {
			continue
		}
		chance, err := s.readingOf(ctx, one.byChance)
		if err != nil || chance == nil {
			return nil, err
		}
		for _, p := range chance.Points {
			if p.Start.Equal(suspected.Points[suspected.Shown].Start) && p.Value != nil && p.Value.Value != nil {
				s.print(*p.Value, metrics.Interval{}, metrics.Headline(chance.KPI, []metrics.Value{*p.Value}))
				return &coincidence{figureOf(chance.KPI.Kind, *p.Value), *p.Value.Value}, nil
			}
		}
	}
	return nil, nil
}

// suspicion tells a KPI that only suspects: no finding is made of it.
func suspicion(kpi string) bool {
	for _, one := range suspicions {
		if one.suspected == kpi {
			return true
		}
	}
	return false
}

// recovery says how long failed changes hurt.
func (s *sheet) recovery(ctx context.Context) (prose, error) {
	r, err := s.readingOf(ctx, "failed_change_recovery_time")
	if err != nil || r == nil || !r.collected() {
		return nil, err
	}
	return tell("%s: %s.", naming(r.KPI.Title), s.sentenceOf(r.KPI, r.Now)), nil
}
