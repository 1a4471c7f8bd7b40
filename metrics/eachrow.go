package metrics

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// EachEvidence reads the rows behind a KPI's figures of one period, one at a time
// (a month of 100,000 rows does not have to stand in memory), as a reader wants
// them: what counted, hits first and the slowest or heaviest first; then, for a
// duration, what was still open at the end, oldest first; then what was left out.
// An error of row ends the reading and is returned as it is.
func EachEvidence(ctx context.Context, conn driver.Conn, kpi string, p Period, row func(Evidence) error) error {
	return evidence(ctx, conn, row, those+" ORDER BY "+asRead, bound(kpi, p)...)
}

// EvidenceOf reads those of several KPIs at once, where they are few: thirty
// small questions take thirty times as long as one.
func EvidenceOf(ctx context.Context, conn driver.Conn, kpis []string, p Period) (map[string][]Evidence, error) {
	out := map[string][]Evidence{}
	err := evidence(ctx, conn, func(e Evidence) error {
		out[e.KPI] = append(out[e.KPI], e)
		return nil
	}, " FROM kpi_evidence WHERE kpi IN @kpis AND "+inPeriod+" ORDER BY kpi, "+asRead, append(spanned(p), clickhouse.Named("kpis", kpis))...)
	return out, err
}
