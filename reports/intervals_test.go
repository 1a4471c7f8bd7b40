package reports

import (
	"html"
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// A second computation of what the pages print beside a value, from the rows of
// evidence and by other means than those of package metrics.

// rowOf is what a row of evidence contributes.
type rowOf struct {
	From  *time.Time `ch:"began"`
	At    *time.Time `ch:"stopped"`
	Value *float64   `ch:"amount"`
	Hit   *uint8     `ch:"struck"`
}

// rowsOf reads what a mark stands for: the rows that count and fall into its
// period and dimension.
func rowsOf(t *testing.T, conn driver.Conn, kpi, dim, dimValue, where string, from, to time.Time) []rowOf {
	t.Helper()
	var rows []rowOf
	err := conn.Select(t.Context(), &rows, `
		SELECT toNullable(e.from_at) AS began, toNullable(e.at) AS stopped, CAST(e.value AS Nullable(Float64)) AS amount, CAST(e.hit AS Nullable(UInt8)) AS struck
		FROM kpi_evidence AS e
		WHERE e.kpi = @kpi AND e.included = 1 AND (@dim = 'all' OR has(e.dims[@dim], @value))
		  AND ifNull(e.`+where+` >= toDateTime64(@from, 3, 'UTC') AND e.`+where+` < toDateTime64(@to, 3, 'UTC'), 0)`,
		clickhouse.Named("kpi", kpi), clickhouse.Named("dim", dim), clickhouse.Named("value", dimValue), moment("from", from), moment("to", to))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// choose is a binomial coefficient by its product.
func choose(n, k int) float64 {
	out := 1.0
	for i := 1; i <= k; i++ {
		out *= float64(n-k+i) / float64(i)
	}
	return out
}

// medianBySumming counts how many values may lie outside on each side.
func medianBySumming(values []float64) (low, high float64, ok bool) {
	n := len(values)
	sort.Float64s(values)
	best := 0
	for r := 1; r <= n/2; r++ {
		outside := 0.0
		for i := range r {
			outside += choose(n, i) / math.Pow(2, float64(n))
		}
		if 1-2*outside >= 0.95 {
			best = r
		}
	}
	if best == 0 {
		return 0, 0, false
	}
	return values[best-1], values[n-best], true
}

// bisect finds where a function that rises through zero does so.
func bisect(low, high float64, f func(float64) float64) float64 {
	for range 200 {
		if mid := (low + high) / 2; f(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// scoreByBisection solves |k/n − p| = z·√(p(1−p)/n) for p on both sides.
func scoreByBisection(k, n float64) (low, high float64) {
	const z = 1.959963984540054
	off := func(p float64) float64 { return (k/n-p)*(k/n-p) - z*z*p*(1-p)/n }
	low, high = 0, 1
	if k > 0 {
		low = bisect(0, k/n, func(p float64) float64 { return -off(p) })
	}
	if k < n {
		high = bisect(k/n, 1, off)
	}
	return low, high
}

// garwoodByBisection finds the rates under which a count this small or this
// large is as rare as 2.5 %.
func garwoodByBisection(k float64) (low, high float64) {
	atMost := func(k, rate float64) float64 {
		term, sum := math.Exp(-rate), 0.0
		for i := 0.0; i <= k; i++ {
			sum += term
			term *= rate / (i + 1)
		}
		return sum
	}
	if k > 0 {
		low = bisect(0, k+1, func(rate float64) float64 { return (1 - atMost(k-1, rate)) - 0.025 })
	}
	return low, bisect(k, 3*k+20, func(rate float64) float64 { return 0.025 - atMost(k, rate) })
}

// survivalNaively walks the ends one by one: the share of those still under
// watch that outlast each.
func survivalNaively(spans []float64, ended []bool) (median float64, reached bool) {
	left, rest := 1.0, math.NaN()
	for {
		next := math.Inf(1)
		for i, t := range spans {
			if ended[i] && t < next {
				next = t
			}
		}
		if math.IsInf(next, 1) {
			return rest, !math.IsNaN(rest)
		}
		watched, gone := 0.0, 0.0
		for i, t := range spans {
			if t >= next {
				watched++
				if t == next && ended[i] {
					gone++
				}
			}
		}
		left *= 1 - gone/watched
		switch {
		case !math.IsNaN(rest):
			return (rest + next) / 2, true
		case math.Abs(left-0.5) < 1e-9:
			rest = next
		case left < 0.5:
			return next, true
		}
		for i, t := range spans {
			if t == next {
				ended[i] = false // past; it is no longer than what comes next
			}
		}
	}
}

func close2(got string, low, high float64) bool {
	a, b, two := strings.Cut(got, " ")
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-6*math.Max(1, math.Abs(y)) }
	return two && err1 == nil && err2 == nil && near(x, low) && near(y, high)
}

func TestIntervalsAgreeWithASecondComputation(t *testing.T) {
	conn, c := filled(t, "whole infested")
	kpis, err := metrics.Catalogue(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]metrics.KPI{}
	for _, k := range kpis {
		of[k.Name] = k
	}
	for name, kind := range kindOf {
		periods := map[string]metrics.Period{}
		for _, p := range metrics.Periods(melbourne, tuesday, c.From, c.AsOf) {
			if p.Kind == kind {
				periods[p.Start.Format(time.DateOnly)] = p
			}
		}
		here := periodAt(t, kind, c.AsOf)
		page, _ := text(t, conn, options("", c.AsOf), name, here, nil)
		checked := map[string]int{}
		for _, m := range marked.FindAllStringSubmatch(page, -1) {
			at, part, raw := strings.Split(html.UnescapeString(m[2]), "/"), m[3], html.UnescapeString(m[1])
			if len(at) != 6 || raw == "" && part != "cohort" {
				continue
			}
			dimValue, _ := url.PathUnescape(at[5])
			k, p := of[at[0]], periods[at[3]]
			switch {
			case part == "interval" && k.Kind == metrics.KindDuration:
				var values []float64
				for _, row := range rowsOf(t, conn, k.Name, at[4], dimValue, "at", p.StartsAt, p.EndsAt) {
					values = append(values, *row.Value)
				}
				if low, high, ok := medianBySumming(values); !ok || !close2(raw, low, high) {
					t.Errorf("%s: median interval of %s is %s, by summing %v to %v", name, m[2], raw, low, high)
				}
			case part == "interval" && k.Kind == metrics.KindRate:
				hits, n := 0.0, 0.0
				for _, row := range rowsOf(t, conn, k.Name, at[4], dimValue, "at", p.StartsAt, p.EndsAt) {
					if row.Hit != nil {
						hits, n = hits+float64(*row.Hit), n+1
					}
				}
				if low, high := scoreByBisection(hits, n); !close2(raw, low, high) {
					t.Errorf("%s: interval of %s is %s, by bisection %v to %v", name, m[2], raw, low, high)
				}
			case part == "interval" && k.Kind == metrics.KindCount:
				n := float64(len(rowsOf(t, conn, k.Name, at[4], dimValue, "at", p.StartsAt, p.EndsAt)))
				if low, high := garwoodByBisection(n); !close2(raw, low, high) {
					t.Errorf("%s: interval of %s is %s, by bisection %v to %v", name, m[2], raw, low, high)
				}
			case part == "range":
				hits, unknown, all := 0.0, 0.0, 0.0
				for _, row := range rowsOf(t, conn, k.Name, at[4], dimValue, "at", p.StartsAt, p.EndsAt) {
					all += *row.Value
					switch {
					case row.Hit == nil:
						unknown += *row.Value
					case *row.Hit == 1:
						hits += *row.Value
					}
				}
				if !close2(raw, hits/all, (hits+unknown)/all) {
					t.Errorf("%s: range of %s is %s, of the rows %v to %v", name, m[2], raw, hits/all, (hits+unknown)/all)
				}
			case part == "cohort":
				from := here.StartsAt.In(melbourne).AddDate(0, 0, -84)
				if kind == metrics.Month {
					from = here.StartsAt.In(melbourne).AddDate(0, -2, 0)
				}
				var spans []float64
				var ended []bool
				for _, row := range rowsOf(t, conn, k.Name, "all", "", "from_at", from, here.EndsAt) {
					if row.At != nil && row.At.Before(here.EndsAt) {
						spans, ended = append(spans, *row.Value), append(ended, true)
					} else {
						spans, ended = append(spans, here.EndsAt.Sub(*row.From).Seconds()), append(ended, false)
					}
				}
				median, reached := survivalNaively(spans, ended)
				if got, _ := strconv.ParseFloat(raw, 64); reached != (raw != "") || reached && math.Abs(got-median) > 1e-6*median {
					t.Errorf("%s: cohort of %s is %q, naively %v (%v)", name, m[2], raw, median, reached)
				}
			case part == "fallback":
				var n uint64
				if err := conn.QueryRow(t.Context(), `SELECT count() FROM incidents WHERE (isNull(impact_started_at) OR isNull(mitigated_at)) AND id IN (
					SELECT id FROM kpi_evidence WHERE kpi = 'time_to_mitigate' AND included = 1 AND at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC'))`,
					moment("from", here.StartsAt), moment("to", here.EndsAt)).Scan(&n); err != nil || raw != strconv.FormatUint(n, 10) {
					t.Errorf("%s: %s lack a time of impact, counted again %d (%v)", name, raw, n, err)
				}
			case part == "unstated":
				var n uint64
				if err := conn.QueryRow(t.Context(), `SELECT count() FROM incidents WHERE isNull(customer_impact) AND exercise = 0 AND merged_into = '' AND flap_of = ''
					AND coalesce(mitigated_at, resolved_at, closed_at, created_at) >= toDateTime64(@from, 3, 'UTC') AND coalesce(mitigated_at, resolved_at, closed_at, created_at) < toDateTime64(@to, 3, 'UTC')`,
					moment("from", here.StartsAt), moment("to", here.EndsAt)).Scan(&n); err != nil || raw != strconv.FormatUint(n, 10) {
					t.Errorf("%s: of %s it is not stated whether customers were affected, counted again %d (%v)", name, raw, n, err)
				}
			case part == "normal":
				low, high := limitsNaively(t, conn, k, here)
				if !close2(raw, low, high) {
					t.Errorf("%s: normal range of %s is %s, naively %v to %v", name, m[2], raw, low, high)
				}
			default:
				continue
			}
			checked[part+" of a "+k.Kind]++
		}
		for _, want := range []string{"interval of a duration", "interval of a rate", "interval of a count", "cohort of a duration", "normal of a duration", "normal of a rate", "normal of a count", "range of a share"} {
			if checked[want] == 0 {
				t.Errorf("%s: no %s was checked (%v)", name, want, checked)
			}
		}
	}
}

// limitsNaively sets the normal range from the first 24 settled values, as the
// page may draw it: not below zero, and a part not above one.
func limitsNaively(t *testing.T, conn driver.Conn, k metrics.KPI, p metrics.Period) (low, high float64) {
	t.Helper()
	rows, err := metrics.Values(t.Context(), conn, metrics.Query{KPIs: []string{k.Name}, Stats: []string{headStat(k)}, Period: p.Kind, To: p.Start})
	if err != nil {
		t.Fatal(err)
	}
	var xs []float64
	for _, v := range rows {
		if few := k.Kind == metrics.KindRate && *v.N < 6; v.Complete && v.Value != nil && !few && len(xs) < 24 {
			x := *v.Value
			if k.Kind == metrics.KindDuration {
				x = math.Log(math.Max(x, 60))
			}
			xs = append(xs, x)
		}
	}
	mean, moves := 0.0, 0.0
	for i, x := range xs {
		mean += x / float64(len(xs))
		if i > 0 {
			moves += math.Abs(x-xs[i-1]) / float64(len(xs)-1)
		}
	}
	low, high = mean-2.66*moves, mean+2.66*moves
	switch k.Kind {
	case metrics.KindDuration:
		return math.Exp(low), math.Exp(high)
	case metrics.KindRate, metrics.KindShare:
		high = math.Min(high, 1)
	}
	return math.Max(low, 0), high
}
