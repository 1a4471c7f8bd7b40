package metrics

import (
	"math"
	"testing"
)

func f(x float64) *float64 { return &x }

// durations are the stats of one KPI as kpi_values holds them.
func durations(n, median, p90, slowest float64, open uint64) []Value {
	vs := []Value{{Stat: "count", Value: &n, N: &n, Open: open}}
	for stat, x := range map[string]float64{"median": median, "p90": p90, "max": slowest, "mean": slowest} {
		v := Value{Stat: stat, N: &n, Open: open}
		if n > 0 {
			v.Value = &x
		}
		vs = append(vs, v)
	}
	return vs
}

func rate(k, n, unknown float64, complete bool) []Value {
	v := Value{Stat: KindRate, K: &k, N: &n, Unknown: unknown, Complete: complete}
	if n > 0 {
		v.Value = f(k / n)
	}
	return []Value{v}
}

// share has so many hours whose kind is not known.
func share(k, n, hours float64) []Value {
	return []Value{{Stat: KindShare, Value: f(k / (n + hours)), Low: f(k / (n + hours)), High: f((k + hours) / (n + hours)), K: &k, N: &n, Unknown: hours}}
}

func count(x, n float64) []Value {
	return []Value{{Stat: KindCount, Period: Week, Value: &x, N: &n}}
}

func TestHeadlines(t *testing.T) {
	const h = 3600
	resolve := KPI{Name: "time_to_resolve", Kind: KindDuration, Ended: "resolved"}
	failure := KPI{Name: "change_failure_rate", Kind: KindRate}
	work := KPI{Name: "unplanned_work_ratio", Kind: KindShare, Unit: "h"}
	incidents := KPI{Name: "incident_count", Kind: KindCount}
	impact := KPI{Name: "impact_hours", Kind: KindCount, Entity: "incident", Unit: "h"}
	backlog := KPI{Name: "backlog", Kind: KindCount, Stock: true}
	pages := KPI{Name: "pages_per_shift", Kind: KindAverage, Unit: "shift"}
	tests := []struct {
		name  string
		kpi   KPI
		stats []Value
		want  string
	}{
		{"a duration", resolve, durations(12, 1.1*h, 9*h, 19*h, 2), "typical 1.1 h, slowest 19 h, 12 resolved, 2 still open"},
		{"28 values have no p90", resolve, durations(28, 1.1*h, 9*h, 19*h, 0), "typical 1.1 h, slowest 19 h, 28 resolved, none still open"},
		{"29 have", resolve, durations(29, 1.1*h, 9*h, 19*h, 1), "typical 1.1 h, 9 in 10 within 9 h, 29 resolved, 1 still open"},
		{"one value is not typical", resolve, durations(1, 1.1*h, 1.1*h, 1.1*h, 0), "1.1 h, the only one resolved, none still open"},
		{"all still open", resolve, durations(0, 0, 0, 0, 3), "none resolved, 3 still open"},
		{"a collected empty week", resolve, durations(0, 0, 0, 0, 0), "none"},
		{"a week that was not collected", resolve, []Value{{Stat: "count"}, {Stat: "median"}}, "not collected"},
		{"no rows at all", resolve, nil, "not collected"},
		{"another duration", KPI{Name: "time_to_acknowledge", Kind: KindDuration, Ended: "acknowledged"}, durations(3, 240, 400, 420, 0), "typical 4 min, slowest 7 min, 3 acknowledged, none left unacknowledged"},
		{"resolved is not open", KPI{Name: "time_to_acknowledge", Kind: KindDuration, Ended: "acknowledged"}, durations(3, 240, 400, 420, 2), "typical 4 min, slowest 7 min, 3 acknowledged, 2 never acknowledged"},
		{"a duration that somebody added", KPI{Name: "time_to_smile", Kind: KindDuration}, durations(3, 240, 400, 420, 0), "typical 4 min, slowest 7 min, 3 ended, none still open"},
		{"NaN from SQL is left out", resolve, durations(2, math.NaN(), math.NaN(), 2*h, 0), "slowest 2 h, 2 resolved, none still open"},

		{"a rate", failure, rate(3, 14, 0, true), "3 of 14, 21 %, plausibly 8–48 %"},
		{"nothing failed", failure, rate(0, 10, 0, true), "0 of 10, 0 %, plausibly 0–28 %"},
		{"outcomes that may still come", failure, rate(3, 14, 5, false), "3 of 14, 21 %, plausibly 8–48 %, 5 pending or unknown"},
		{"outcomes that never came", failure, rate(3, 14, 5, true), "3 of 14, 21 %, plausibly 8–48 %, 5 unknown"},
		{"only unknown ones: not 0 %", failure, rate(0, 0, 5, true), "not known, 5 unknown"},
		{"an empty rate", failure, rate(0, 0, 0, true), "none"},
		{"a rate not collected", failure, []Value{{Stat: KindRate}}, "not collected"},
		{"a weighted rate has no Wilson interval", failure, rate(1.5, 3, 0, true), "1.5 of 3, 50 %"},

		{"a share", work, share(48, 322, 78), "12–32 % of 400 h, 78 h unclassified"},
		{"all classified", work, share(80, 400, 0), "20 % of 400 h"},
		{"nothing classified", work, share(0, 0, 40), "0–100 %, none of 40 h classified"},
		{"a share by number", KPI{Name: "unplanned_work_ratio_count", Kind: KindShare, Unit: "items"}, share(5, 20, 0), "25 % of 20 items"},
		{"no work logged", work, []Value{{Stat: KindShare, N: f(0)}}, "none"},
		{"a share not collected", work, []Value{{Stat: KindShare}}, "not collected"},

		{"a count", incidents, count(5, 5), "5, a pace of 2–12 a week"},
		{"a counted zero", incidents, count(0, 0), "0"},
		{"a count not collected", incidents, []Value{{Stat: KindCount}}, "not collected"},
		{"hours are not drawn by chance", impact, count(14.2, 6), "14 h over 6 incidents"},
		{"hours that equal their number", impact, count(6, 6), "6 h over 6 incidents"},
		{"no hours", impact, count(0, 0), "0 h"},
		{"a stock has no pace", backlog, count(31, 31), "31"},

		{"an average", pages, []Value{{Stat: KindAverage, Value: f(2.43), N: f(14)}}, "2.4 per shift, 14 shifts"},
		{"of one", pages, []Value{{Stat: KindAverage, Value: f(0), N: f(1)}}, "0 per shift, 1 shift"},
		{"of none", pages, []Value{{Stat: KindAverage, N: f(0)}}, "none"},
		{"an average not collected", pages, []Value{{Stat: KindAverage}}, "not collected"},
		{"a kind that nobody knows", KPI{Kind: "colour"}, count(1, 1), "not collected"},
	}
	for _, tt := range tests {
		got := Headline(tt.kpi, tt.stats)
		if got != tt.want {
			t.Errorf("%s: %q\n  want %q", tt.name, got, tt.want)
		}
		if err := printable(got); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestPlausibleGivesEachValueItsInterval(t *testing.T) {
	duration := KPI{Kind: KindDuration}
	sorted := []float64{1, 2, 3, 4, 5, 6, 7}
	tests := []struct {
		name   string
		kpi    KPI
		value  Value
		sorted []float64
		want   Interval
	}{
		{"median", duration, Value{Stat: "median", Value: f(4)}, sorted, Interval{1, 7, true}},
		{"median of five", duration, Value{Stat: "median", Value: f(3)}, sorted[:5], Interval{}},
		{"mean", duration, Value{Stat: "mean", Value: f(4)}, sorted, Interval{}},
		{"p90", duration, Value{Stat: "p90", Value: f(4)}, sorted, Interval{}},
		{"rate", KPI{Kind: KindRate}, rate(0, 10, 0, true)[0], nil, Wilson(0, 10, Level)},
		{"share", KPI{Kind: KindShare}, share(1, 3, 1)[0], nil, Interval{0.25, 0.5, true}},
		{"count", KPI{Kind: KindCount}, count(5, 5)[0], nil, PoissonExact(5, Level)},
		{"sum", KPI{Kind: KindCount}, count(5.5, 5)[0], nil, Interval{}},
		{"average", KPI{Kind: KindAverage}, Value{Stat: KindAverage, Value: f(2), N: f(3)}, nil, Interval{}},
		{"missing", KPI{Kind: KindCount}, Value{Stat: KindCount}, nil, Interval{}},
	}
	for _, tt := range tests {
		if got := Plausible(tt.kpi, tt.value, tt.sorted); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	v := Value{Value: f(4)}
	if w := v.With(Interval{1, 7, true}); *w.Low != 1 || *w.High != 7 || v.Low != nil {
		t.Errorf("%+v", w)
	}
	if w := v.With(Interval{}); w.Low != nil || w.High != nil {
		t.Errorf("no interval is stored as %+v", w)
	}
}

func TestTurnReadsTheKPIsOwnWord(t *testing.T) {
	for _, tt := range []struct {
		direction    int
		better, want string
	}{{-1, "lower", "better"}, {1, "lower", "worse"}, {1, "higher", "better"}, {-1, "higher", "worse"}, {0, "lower", ""}, {1, "", ""}} {
		if got := Turn(tt.direction, tt.better); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}
