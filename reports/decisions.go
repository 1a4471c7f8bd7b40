package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// decisions is the list that the meeting answers: what the month asks for, with
// its grounds.
func decisions(ctx context.Context, s *sheet) (*answer, error) {
	asking, err := s.asking(ctx)
	if err != nil {
		return nil, err
	}
	if len(asking) == 0 {
		return &answer{Quiet: "nothing in this month asks for a decision."}, nil
	}
	s.asked = asking
	return &answer{View: exceptionsView{Findings: asking}}, nil
}

// asking are the findings of the month that ask for something, the gravest first.
func (s *sheet) asking(ctx context.Context) ([]finding, error) {
	if s.asks != nil {
		return s.asks, nil
	}
	found, err := s.findings(ctx)
	if err != nil {
		return nil, err
	}
	gaps, err := s.findGaps(ctx)
	if err != nil {
		return nil, err
	}
	s.asks = []finding{}
	for _, f := range append(found, gaps...) {
		if f.Ask != "" {
			s.asks = append(s.asks, f)
		}
	}
	s.asks = pick(s.asks)
	return s.asks, nil
}

// A gap asks for a decision when it leaves out this part of the rows.
const gapShare = 0.2

// findGaps: what the month cannot tell because nobody recorded it.
func (s *sheet) findGaps(ctx context.Context) ([]finding, error) {
	var out []finding
	began, err := s.beganHere(ctx)
	if err != nil {
		return nil, err
	}
	unowned := 0
	for _, i := range began {
		if clean(i.FixOwner) == "" {
			unowned++
		}
	}
	if n := len(began); unowned >= 3 && float64(unowned) >= gapShare*float64(n) {
		out = append(out, finding{Kind: "gap", Rank: 55, Ask: "Who assigns them?", Pieces: []piece{
			counting(tallyOf("gap/unowned", unowned)), say(" of "), counting(tallyOf("gap/began", n)), say(" incidents name nobody who owns the fix.")}})
	}
	r, err := s.readingOf(ctx, failureRate)
	if err != nil || r == nil {
		return out, err
	}
	// Of a settled month nothing is pending: unknown means not recorded.
	if v := r.value(); v != nil && v.Complete && v.N != nil && v.Unknown >= 3 && v.Unknown >= gapShare*(*v.N+v.Unknown) {
		all := *v.N + v.Unknown
		out = append(out, finding{Kind: "gap", Rank: 54, Ask: "Are close codes to be mandatory?", Pieces: []piece{
			showing(partOf(*v, "unknown")), say(" of "), counting(tally{Text: metrics.Number(all), What: "gap/changes", Raw: raw(&all)}), say(" changes of "), dated(r.Points[r.Shown].Name), say(" have no recorded outcome, so the failure rate leaves them out.")}})
	}
	return out, nil
}
