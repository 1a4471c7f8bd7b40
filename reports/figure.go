package reports

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// figure is a number of kpi_values in type. It is the only way in which a block
// prints one, so each carries the row, and the column of that row, that it was
// read from.
type figure struct {
	Text string
	Mark string // kpi/stat/period/start/dim/dim value
	Part string // value, range, interval, normal, cohort, k, n, unknown, open, excluded; a headline or verdict in words
	Raw  string // the number as the table has it
}

// HTML is the figure as a data element, which keeps the exact number beside the
// rounded one.
func (f figure) HTML() template.HTML {
	esc := template.HTMLEscapeString
	return template.HTML(`<data class="fig" value="` + esc(f.Raw) + `" data-kpi="` + esc(f.Mark) + `" data-part="` + f.Part + `">` + esc(strings.ReplaceAll(f.Text, " %", "\u00a0%")) + `</data>`)
}

// String is the figure in a sentence that carries no marks: a page's title, a verdict.
func (f figure) String() string { return f.Text }

// mark names the row that a value stands in.
func mark(v metrics.Value) string {
	parts := []string{v.KPI, v.Stat, v.Period, v.PeriodStart.Format(time.DateOnly), v.Dim, v.DimValue}
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

func raw(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// in adds the unit of a count that is no mere number, where a sentence has to
// tell it: 80 h.
func (f figure) in(k metrics.KPI) figure {
	if k.Kind == metrics.KindCount && k.Unit != "" && f.Raw != "" {
		f.Text += " " + k.Unit
	}
	return f
}

// figureOf prints the value itself, in the words of its kind.
func figureOf(kind string, v metrics.Value) figure {
	f := figure{Mark: mark(v), Part: "value", Raw: raw(v.Value)}
	counts := v.Stat == metrics.KindCount
	switch {
	case v.Value == nil && (counts || v.N == nil):
		f.Text = metrics.NotCollected
	case v.Value == nil && v.Unknown > 0:
		f.Text = metrics.NotKnown
	case v.Value == nil:
		f.Text = metrics.None
	case kind == metrics.KindAverage && metrics.IsChance(v.KPI):
		f.Text = metrics.Percent(*v.Value)
	case counts || kind == metrics.KindCount || kind == metrics.KindAverage:
		f.Text = metrics.Number(*v.Value)
	case kind == metrics.KindDuration:
		f.Text = metrics.Duration(*v.Value)
	case kind == metrics.KindShare && v.Low != nil && v.High != nil && *v.Low != *v.High:
		f.Part, f.Raw = "range", raw(v.Low)+" "+raw(v.High)
		f.Text = metrics.PercentRange(metrics.Interval{Low: *v.Low, High: *v.High, OK: true})
	default:
		f.Text = metrics.Percent(*v.Value)
	}
	return f
}

// intervalOf prints what the data leave plausible; empty where they say nothing.
func intervalOf(kind string, v metrics.Value, i metrics.Interval) figure {
	f := figure{Mark: mark(v), Part: "interval"}
	if !i.OK {
		return f
	}
	f.Raw = raw(&i.Low) + " " + raw(&i.High)
	switch kind {
	case metrics.KindDuration:
		f.Text = metrics.DurationRange(i)
	case metrics.KindRate, metrics.KindShare:
		f.Text = metrics.PercentRange(i)
	default:
		f.Text = metrics.Range(i.Low, i.High)
	}
	return f
}

// partOf prints one of the row's other columns.
func partOf(v metrics.Value, part string) figure {
	f := figure{Mark: mark(v), Part: part}
	count := func(x float64) { f.Raw, f.Text = raw(&x), metrics.Number(x) }
	switch part {
	case "k", "n":
		x := v.N
		if part == "k" {
			x = v.K
		}
		if x == nil {
			f.Text = metrics.None
			break
		}
		count(*x)
	case "unknown":
		count(v.Unknown)
	case "open":
		count(float64(v.Open))
	case "excluded":
		count(float64(v.Excluded))
	}
	return f
}

// cohortOf prints the typical duration with the open ones counted in.
func cohortOf(v metrics.Value, c metrics.Survival) figure {
	f := figure{Mark: mark(v), Part: "cohort", Text: "not reached"}
	if c.Reached {
		f.Text, f.Raw = metrics.Duration(c.Median), raw(&c.Median)
	}
	return f
}

// sentenceOf is the headline of a KPI: several figures of its rows in words.
// Of a running period a count has no pace yet.
func (s *sheet) sentenceOf(k metrics.KPI, stats []metrics.Value) figure {
	f := figure{Part: "headline", Text: capital(metrics.Headline(k, stats))}
	if v := metrics.Stat(stats, headStat(k)); v != nil {
		f.Mark, f.Raw = mark(*v), raw(v.Value)
		if s.running() && k.Kind == metrics.KindCount {
			f.Text = figureOf(k.Kind, *v).Text
		}
	}
	if s.running() {
		f.Text += ", so far"
	} else if v := metrics.Stat(stats, headStat(k)); v != nil && k.Kind == metrics.KindAverage && v.Value != nil && !v.Complete {
		f.Text += ", not final"
	}
	return f
}

// tally is a number that a block counted from rows which stand on the page.
type tally struct {
	Text, What, Raw string
}

func (t tally) HTML() template.HTML {
	esc := template.HTMLEscapeString
	return template.HTML(`<data class="fig" value="` + esc(t.Raw) + `" data-tally="` + esc(t.What) + `">` + esc(t.Text) + `</data>`)
}

func (t tally) String() string { return t.Text }

func tallyOf(what string, n int) tally {
	return tally{Text: metrics.Number(float64(n)), What: what, Raw: strconv.Itoa(n)}
}

// hoursOf is a sum of open time; tables add up hours, sentences name durations.
func hoursOf(what string, d time.Duration) tally {
	return tally{Text: metrics.Number(d.Hours()), What: what, Raw: strconv.FormatFloat(d.Hours(), 'f', 3, 64)}
}

func lastingOf(what string, d time.Duration) tally {
	return tally{Text: metrics.Duration(d.Seconds()), What: what, Raw: strconv.FormatFloat(d.Seconds(), 'f', 0, 64)}
}
