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
	var n uint64
	err := s.conn.QueryRow(ctx, `SELECT count() FROM kpi_evidence WHERE kpi = @kpi AND included = 0 AND reason = @reason
		AND at >= toDateTime64(@starts, 3, 'UTC') AND at < toDateTime64(@ends, 3, 'UTC')`,
		clickhouse.Named("kpi", impactHours), clickhouse.Named("reason", unstated), moment("starts", s.period.StartsAt), moment("ends", s.period.EndsAt)).Scan(&n)
	if err != nil {
		return figure{}, fmt.Errorf("read evidence of %s: %w", impactHours, err)
	}
	if n == 0 {
		return figure{}, nil
	}
	return figure{Text: metrics.Number(float64(n)), Raw: strconv.FormatUint(n, 10), Mark: mark(v), Part: "unstated"}, nil
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
		return append(out, tell(". Of %s more it is %s.", blank, unstated)...), nil
	}
	return append(out, say(".")), nil
}
