package metrics

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The kinds of KPI, as the header of its model spells them.
const (
	KindDuration = "duration"
	KindRate     = "rate"
	KindShare    = "share"
	KindCount    = "count"
	KindAverage  = "average"
)

// Value is one row of kpi_values. A nil figure is missing, which is never zero.
type Value struct {
	KPI, Stat, Period      string
	PeriodStart            time.Time
	Dim, DimValue          string
	Value, Low, High, K, N *float64
	Unknown                float64 // of a rate or share: the value of the rows whose hit is not, or not yet, known
	Open, Excluded         uint64
	Complete               bool
}

// Query selects rows of kpi_values; an empty field does not restrict, except
// that without a Dim the rows of "all" are read. From and To are period starts,
// both included.
type Query struct {
	KPIs, Stats []string
	Period      string
	From, To    time.Time
	Dim         string
	DimValues   []string
}

// Values reads the current build, by KPI, stat, dimension and period.
func Values(ctx context.Context, conn driver.Conn, q Query) ([]Value, error) {
	var where []string
	var args []any
	add := func(condition string, name string, arg any) {
		where = append(where, condition)
		args = append(args, clickhouse.Named(name, arg))
	}
	if q.Dim == "" {
		q.Dim = "all"
	}
	add("dim = @dim", "dim", q.Dim)
	if len(q.KPIs) > 0 {
		add("kpi IN @kpis", "kpis", q.KPIs)
	}
	if len(q.Stats) > 0 {
		add("stat IN @stats", "stats", q.Stats)
	}
	if q.Period != "" {
		add("period = @period", "period", q.Period)
	}
	if !q.From.IsZero() {
		add("period_start >= toDate(@from)", "from", q.From.Format(time.DateOnly))
	}
	if !q.To.IsZero() {
		add("period_start <= toDate(@to)", "to", q.To.Format(time.DateOnly))
	}
	if len(q.DimValues) > 0 {
		add("dim_value IN @dim_values", "dim_values", q.DimValues)
	}
	return selectValues(ctx, conn, strings.Join(where, " AND "), bySeries, args...)
}

// Busiest reads the values of a dimension in a period that carry a KPI's verdict:
// of each KPI so many, those with the most rows first, or the highest sums where
// a count has a unit. What has no value or no row is left out.
func Busiest(ctx context.Context, conn driver.Conn, p Period, dim string, most int) (map[string][]Value, error) {
	values, err := selectValues(ctx, conn, `dim = @dim AND period = @period AND period_start = toDate(@start) AND isNotNull(value) AND n > 0
			AND (kpi, stat) IN (SELECT kpi, if(kind = 'duration', 'median', kind) FROM kpis)`,
		fmt.Sprintf("kpi, if(kpi IN (SELECT kpi FROM kpis WHERE kind = 'count' AND unit != ''), value, n) DESC, dim_value LIMIT %d BY kpi", most),
		clickhouse.Named("dim", dim), clickhouse.Named("period", p.Kind), clickhouse.Named("start", p.Start.Format(time.DateOnly)))
	out := map[string][]Value{}
	for _, v := range values {
		out[v.KPI] = append(out[v.KPI], v)
	}
	return out, err
}

const bySeries = "kpi, stat, dim, dim_value, period, period_start"

// selectValues reads the rows of kpi_values that match.
func selectValues(ctx context.Context, conn driver.Conn, where, order string, args ...any) ([]Value, error) {
	rows, err := conn.Query(ctx, `
		SELECT toString(kpi), toString(stat), toString(period), toDate(period_start), toString(dim), toString(dim_value),
			CAST(value AS Nullable(Float64)), CAST(low AS Nullable(Float64)), CAST(high AS Nullable(Float64)),
			CAST(k AS Nullable(Float64)), CAST(n AS Nullable(Float64)),
			toFloat64(unknown), toUInt64(open), toUInt64(excluded), toUInt8(complete)
		FROM kpi_values
		WHERE `+where+`
		ORDER BY `+order, args...)
	if err != nil {
		return nil, fmt.Errorf("read kpi_values: %w", err)
	}
	defer rows.Close()
	var out []Value
	for rows.Next() {
		var v Value
		var complete uint8
		if err := rows.Scan(&v.KPI, &v.Stat, &v.Period, &v.PeriodStart, &v.Dim, &v.DimValue,
			&v.Value, &v.Low, &v.High, &v.K, &v.N, &v.Unknown, &v.Open, &v.Excluded, &complete); err != nil {
			return nil, fmt.Errorf("read kpi_values: %w", err)
		}
		v.PeriodStart = dateOf(v.PeriodStart) // the driver gives a Date as midnight in the machine's zone
		v.Complete = complete != 0
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read kpi_values: %w", err)
	}
	return out, nil
}

// Stat picks one stat out of the rows of one KPI, period and dimension value;
// nil where it is not there.
func Stat(vs []Value, stat string) *Value {
	for i := range vs {
		if vs[i].Stat == stat {
			return &vs[i]
		}
	}
	return nil
}

// With is the value with an interval filled in, as publishing records it.
func (v Value) With(i Interval) Value {
	if i.OK {
		v.Low, v.High = &i.Low, &i.High
	}
	return v
}
