package reports

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// mitigation falls back on the incident's own start and end where its impact has
// none. Where no incident states either, it is the time to resolve over again.
const mitigation = "time_to_mitigate"

// ownTimes matches the basis of a row that states a start or an end of impact.
const ownTimes = `(startsWith(basis, 'impact start') OR startsWith(basis, 'created to impact end'))`

// readFallback says whether mitigation has nothing of its own to tell, or so
// little that it does not belong among the key figures.
func (s *sheet) readFallback(ctx context.Context) error {
	var all, own uint64
	err := s.conn.QueryRow(ctx, `SELECT count(), countIf(`+ownTimes+`) FROM kpi_evidence WHERE kpi = @kpi AND included = 1`, clickhouse.Named("kpi", mitigation)).Scan(&all, &own)
	if err != nil {
		return fmt.Errorf("read evidence of %s: %w", mitigation, err)
	}
	s.echoed = all > 0 && own == 0 && s.kpi("time_to_resolve") != nil
	s.borrowed = own*2 < all
	return nil
}

// fellBack is how many of a period's mitigated incidents lack the start of their
// impact, its end, or both.
func (s *sheet) fellBack(ctx context.Context, v metrics.Value) (figure, error) {
	var n uint64
	err := s.conn.QueryRow(ctx, `SELECT count() FROM kpi_evidence WHERE kpi = @kpi AND included = 1 AND position(basis, ': no impact') > 0
		AND at >= toDateTime64(@starts, 3, 'UTC') AND at < toDateTime64(@ends, 3, 'UTC')`,
		clickhouse.Named("kpi", mitigation), moment("starts", s.period.StartsAt), moment("ends", s.period.EndsAt)).Scan(&n)
	if err != nil {
		return figure{}, fmt.Errorf("read evidence of %s: %w", mitigation, err)
	}
	if n == 0 {
		return figure{}, nil
	}
	return figure{Text: metrics.Number(float64(n)), Raw: strconv.FormatUint(n, 10), Mark: mark(v), Part: "fallback"}, nil
}
