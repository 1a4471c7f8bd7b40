package oracle

import (
	"slices"
	"sort"
	"strconv"
)

// Period is a week or month of the reporting zone.
type Period struct {
	Kind, Start  string // Start: its first day, 2026-10-05
	Begins, Ends Moment
}

// KPI is what the catalogue says of one KPI.
type KPI struct {
	Name, Kind, Entity string
	Stock              bool
	Dims               []string // beyond service, team and severity
}

// Cell names a value.
type Cell struct{ KPI, Stat, Period, Start, Dim, DimValue string }

// Value is a row of kpi_values; nil is NULL.
type Value struct {
	Value, Low, High, K, N   *float64
	Unknown                  float64
	Open, Excluded, Complete int
}

// Values makes the values of a KPI of its evidence.
func (c *Company) Values(k KPI, rows []Row, periods []Period) map[Cell]Value {
	out := map[Cell]Value{}
	byDim := map[[2]string][]*Row{{"all", ""}: nil}
	if k.Entity == "incident" {
		for s := range 6 {
			byDim[[2]string{"severity", strconv.Itoa(s)}] = nil
		}
	}
	names := append([]string{"service", "team", "severity"}, k.Dims...)
	for i := range rows {
		r := &rows[i]
		byDim[[2]string{"all", ""}] = append(byDim[[2]string{"all", ""}], r)
		for _, dim := range names {
			var seen []string
			for _, v := range r.Dims[dim] {
				if v != "" && !slices.Contains(seen, v) {
					seen = append(seen, v)
					byDim[[2]string{dim, v}] = append(byDim[[2]string{dim, v}], r)
				}
			}
		}
	}
	range_ := c.collected(k.Entity)
	for dim, rows := range byDim {
		for _, p := range periods {
			for stat, v := range c.valueOf(k, rows, p, range_) {
				out[Cell{k.Name, stat, p.Kind, p.Start, dim[0], dim[1]}] = v
			}
		}
	}
	return out
}

func (c *Company) valueOf(k KPI, rows []*Row, p Period, got collected) map[string]Value {
	in := func(m Moment) bool { return m.Known() && m >= p.Begins && m < p.Ends }
	var values []float64
	var hits, misses, unknown float64
	v := Value{}
	settled := true
	standing := 0.0
	for _, r := range rows {
		open := r.Included && r.From.Known() && r.From < p.Ends && (!r.At.Known() || r.At >= p.Ends)
		if open && k.Kind == "duration" {
			v.Open++
		}
		if k.Stock {
			if open {
				values = append(values, *r.Value)
				standing += *r.Value
			}
		}
		if !in(r.At) {
			continue
		}
		if r.Settles.Known() && r.Settles > got.until {
			settled = false
		}
		if !r.Included {
			v.Excluded++
			continue
		}
		if !k.Stock {
			values = append(values, *r.Value)
		}
		switch r.Hit {
		case 1:
			hits += *r.Value
		case 0:
			misses += *r.Value
		default:
			unknown += *r.Value
		}
	}
	if p.Ends <= c.AsOf && got.since.Known() && p.Begins >= got.since && p.Ends <= got.until && settled {
		v.Complete = 1
	}
	touched := got.from.Known() && p.Begins < got.to && p.Ends > got.from
	n := number(float64(len(values)))
	switch k.Kind {
	case "rate", "share":
		v.K, v.Unknown = number(hits), unknown
		n = number(hits + misses)
		if k.Kind == "rate" {
			if *n > 0 {
				v.Value = number(hits / *n)
			}
		} else if all := *n + unknown; all > 0 {
			v.Value, v.Low, v.High = number(hits/all), number(hits/all), number((hits+unknown)/all)
		}
	}
	if v.N = n; !touched && len(values) == 0 {
		v.N, v.K = nil, nil
	}
	with := func(x *float64) Value {
		w := v
		w.Value = x
		return w
	}
	switch k.Kind {
	case "count":
		if !touched && len(values) == 0 {
			return map[string]Value{"count": with(nil)}
		}
		return map[string]Value{"count": with(number(sum(values)))}
	case "average":
		if len(values) == 0 {
			return map[string]Value{"average": with(nil)}
		}
		return map[string]Value{"average": with(number(sum(values) / float64(len(values))))}
	case "duration":
		stats := map[string]Value{"median": with(nil), "p90": with(nil), "mean": with(nil), "max": with(nil), "sum": with(nil), "count": with(nil)}
		if touched || len(values) > 0 {
			stats["count"] = with(n)
		}
		if len(values) > 0 {
			sort.Float64s(values)
			stats["median"], stats["p90"] = with(number(quantile(values, 0.5))), with(number(quantile(values, 0.9)))
			stats["mean"], stats["max"], stats["sum"] = with(number(sum(values)/float64(len(values)))), with(number(values[len(values)-1])), with(number(sum(values)))
		}
		return stats
	}
	return map[string]Value{k.Kind: v}
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// quantile lies between the two sorted values around it, in proportion.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
