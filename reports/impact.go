package reports

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

const (
	impactHours = "impact_hours"
	unstated    = "not stated whether customers were affected"
)

// notStated is how many incidents of a period the hours of impact leave out
// because nobody said whether customers were affected: they may be none or many.
func (s *sheet) notStated(ctx context.Context, v metrics.Value) (figure, error) {
	n, _, err := s.stating(ctx)
	if err != nil || n == 0 {
		return figure{}, err
	}
	return figure{Text: metrics.Number(float64(n)), Raw: strconv.FormatUint(n, 10), Mark: mark(v), Part: "unstated"}, nil
}

// stating counts the incidents whose impact ended in the period, and those among
// them of which nobody said whether it hurt customers.
func (s *sheet) stating(ctx context.Context) (unsaid, ended uint64, err error) {
	err = s.conn.QueryRow(ctx, `SELECT countIf(included = 0 AND reason = @reason), countIf(included = 1 OR reason IN (@reason, 'no customer was affected')) FROM kpi_evidence WHERE kpi = @kpi
		AND at >= toDateTime64(@starts, 3, 'UTC') AND at < toDateTime64(@ends, 3, 'UTC')`,
		clickhouse.Named("kpi", impactHours), clickhouse.Named("reason", unstated), moment("starts", s.period.StartsAt), moment("ends", s.period.EndsAt)).Scan(&unsaid, &ended)
	if err != nil {
		return 0, 0, fmt.Errorf("read evidence of %s: %w", impactHours, err)
	}
	return unsaid, ended, nil
}

// lowerBound says how much of the month the hours leave out.
func (s *sheet) lowerBound(unsaid, ended uint64) prose {
	share := float64(unsaid) / float64(max(ended, 1))
	return tell("That is %s of the %s that ended in this %s, so the hours are a lower bound.",
		tally{Text: metrics.Percent(share), What: "impact/share", Raw: fmt.Sprintf("%.4f", share)}, tallyOf("impact/ended", int(ended)), s.period.Kind)
}

// impact is the hours of customer impact in a line, with their reading.
func (s *sheet) impact(ctx context.Context) (prose, error) {
	r, err := s.readingOf(ctx, impactHours)
	if err != nil || r == nil || !r.collected() {
		return nil, err
	}
	v := r.value()
	if v == nil || v.Value == nil {
		return nil, nil
	}
	s.print(*v, metrics.Interval{}, metrics.Headline(r.KPI, r.Now))
	blank, err := s.notStated(ctx, *v)
	if err != nil {
		return nil, err
	}
	unsaid, ended, err := s.stating(ctx)
	if err != nil {
		return nil, err
	}
	title := place{Text: r.KPI.Title, URL: "#evidence-" + impactHours}
	if of(v.N) == 0 && blank.Text != "" {
		many := uint64(2)
		if blank.Raw == "1" {
			many = 1
		}
		return tell("%s: not known. Of %s %s it is %s.", title, blank, noun(r.KPI.Entity, many), unstated), nil
	}
	out := tell("%s: %s %s", title, figureOf(r.KPI.Kind, *v), r.KPI.Unit)
	if of(v.N) > 0 {
		out = append(out, tell(" over %s %s", partOf(*v, "n"), noun(r.KPI.Entity, uint64(*v.N)))...)
	}
	if s.running() {
		out = append(out, say(", so far"))
	} else {
		out = append(out, say(", "+r.word().Text))
		if r.Judged >= 0 && r.ranged() && r.Judged != len(r.Points)-1 {
			out = append(out, tell(" (read at %s)", dated(r.Points[r.Judged].Name))...)
		}
	}
	if blank.Text != "" {
		out = append(out, tell(". Of %s more it is %s.", blank, unstated)...)
		return follow(out, s.lowerBound(unsaid, ended)), nil
	}
	return append(out, say(".")), nil
}
