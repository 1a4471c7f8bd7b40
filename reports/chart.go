package reports

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"regexp"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// drawing is a chart as the page carries it: an empty box with a fixed id, and
// its option as JSON data beside it. The option is never run as script: labels
// come from tickets.
type drawing struct {
	ID    string      `view:"key"`
	Kind  string      // line or bars
	High  int         `view:"structure"` // height of the box in pixels, so that paper keeps it
	Unit  string      // of the upright axis, said above the box
	Alt   string      `view:"structure"` // what the picture shows, for who cannot see it
	Table string      `view:"key"`       // id of the table with the same numbers
	Data  template.JS `view:"structure"`
}

// point is one period of a line. A NaN is a gap.
type point struct {
	Label   string
	Value   float64
	Tip     string // what the pointer says there
	Signal  bool   // lies outside the normal range, or ends a run
	Running bool   // not over, or outcomes still to come: drawn apart from the line
}

// event is what happened at a point of a line: a decision, a move, a new rule.
// The line bears the numbers of the notes; the words stand below, where they
// have room.
type event struct {
	Label   string // the point's label
	Numbers string // "2", or "2, 3"
}

// line is a process-behaviour chart: values, the typical level and the normal range.
type line struct {
	ID, Alt, Unit  string
	Points         []point
	Mid, Low, High float64 // NaN when there are too few points to tell
	Events         []event
	Top            float64 // end of the scale; NaN: as the values need
}

// bar is one bar of a ranking.
type bar struct {
	Label string
	Value float64
	Text  string // the value as printed
	Fresh bool   // happened in this period: drawn solid, the others pale
}

type bars struct {
	ID, Alt, Unit string
	Bars          []bar
}

var fixedID = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// ink names a colour of the page's style sheet, so that light, dark and paper
// need no second option.
func ink(name string) string { return "var(--" + name + ")" }

func (l line) drawing() (drawing, error) {
	chart := charts.NewLine()
	labels := make([]string, len(l.Points))
	tips := make([]string, len(l.Points))
	whole := make([]opts.LineData, len(l.Points))
	out := make([]opts.LineData, len(l.Points))
	running := make([]opts.LineData, len(l.Points))
	for i, p := range l.Points {
		labels[i], tips[i] = p.Label, p.Tip
		whole[i], out[i], running[i] = gap, gap, gap
		switch {
		case p.Running:
			running[i] = datum(p.Value)
		case p.Signal:
			whole[i], out[i] = datum(p.Value), datum(p.Value)
		default:
			whole[i] = datum(p.Value)
		}
	}
	var top any
	if !math.IsNaN(l.Top) {
		top = l.Top
	}
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "12", Top: l.headroom(), Bottom: "4", ContainLabel: opts.Bool(true)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category", AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink("line")}}, AxisLabel: axisLabel(true)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0, Max: top, SplitNumber: 4, AxisLabel: axisLabel(false), SplitLine: grid()}),
	)
	chart.SetXAxis(labels)
	chart.AddSeries("value", whole,
		charts.WithLineChartOpts(opts.LineChart{Symbol: "circle", SymbolSize: 5, ShowSymbol: opts.Bool(true)}),
		charts.WithLineStyleOpts(opts.LineStyle{Color: ink("mark"), Width: 1.75}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: ink("mark")}),
		charts.WithSeriesOpts(l.limits), charts.WithSeriesOpts(l.events))
	chart.AddSeries("outside", out, lone("diamond", 12, opts.ItemStyle{Color: ink("alarm"), BorderColor: ink("paper"), BorderWidth: 1})...)
	chart.AddSeries("running", running, lone("circle", 8, opts.ItemStyle{Color: ink("paper"), BorderColor: ink("mark"), BorderWidth: 1.5})...)
	chart.Validate()
	d, err := seal(l.ID, "line", l.Alt, chart.JSON(), tips)
	d.High, d.Unit = 225, l.Unit
	return d, err
}

// headroom is the space above the scale: that of the numbers of events, if any.
func (l line) headroom() string {
	if len(l.Events) > 0 {
		return "20"
	}
	return "10"
}

// limits draws the normal range as a band and the typical level as a line.
func (l line) limits(s *charts.SingleSeries) {
	if math.IsNaN(l.Low) || math.IsNaN(l.High) || math.IsNaN(l.Mid) {
		return
	}
	s.MarkAreas = &opts.MarkAreas{
		Data:          []any{[]map[string]any{{"yAxis": l.Low}, {"yAxis": l.High}}},
		MarkAreaStyle: opts.MarkAreaStyle{ItemStyle: &opts.ItemStyle{Color: ink("band")}},
	}
	s.MarkLines = &opts.MarkLines{
		Data: []any{map[string]any{"yAxis": l.Mid, "label": map[string]any{"show": false}}},
		MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: noteLabel(),
			LineStyle: &opts.LineStyle{Color: ink("line"), Type: "dashed", Width: 1}},
	}
}

// events stand as upright lines with their numbers at the top.
func (l line) events(s *charts.SingleSeries) {
	if len(l.Events) == 0 {
		return
	}
	if s.MarkLines == nil {
		s.MarkLines = &opts.MarkLines{MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: noteLabel(),
			LineStyle: &opts.LineStyle{Color: ink("line"), Type: "dashed", Width: 1}}}
	}
	for _, e := range l.Events {
		s.MarkLines.Data = append(s.MarkLines.Data, map[string]any{
			"xAxis":     e.Label,
			"label":     map[string]any{"show": true, "position": "end", "formatter": e.Numbers, "distance": 4},
			"lineStyle": map[string]any{"color": ink("soft"), "type": "solid", "width": 1},
		})
	}
}

func (b bars) drawing() (drawing, error) {
	chart := charts.NewBar()
	labels := make([]string, len(b.Bars))
	tips := make([]string, len(b.Bars))
	data := make([]opts.BarData, len(b.Bars))
	for i, one := range b.Bars {
		labels[i], tips[i] = clip(one.Label, 44), one.Label+"\n"+one.Text
		fill := opts.ItemStyle{Color: ink("mark")}
		if !one.Fresh {
			fill = opts.ItemStyle{Color: ink("band"), BorderColor: ink("mark"), BorderWidth: 1}
		}
		data[i] = opts.BarData{Name: labels[i], Value: number(one.Value), ItemStyle: &fill,
			Label: &opts.Label{Show: opts.Bool(true), Position: "right", Formatter: one.Text, Color: ink("ink")}}
	}
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "88", Top: "4", Bottom: "22", ContainLabel: opts.Bool(true)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Name: b.Unit, NameLocation: "middle", NameGap: 24, Min: 0, SplitNumber: 4, AxisLabel: axisLabel(false), SplitLine: grid()}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Inverse: opts.Bool(true), AxisLabel: axisLabel(false),
			AxisLine: &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink("line")}}}),
	)
	chart.SetXAxis(labels)
	chart.AddSeries(b.Unit, data, charts.WithBarChartOpts(opts.BarChart{BarWidth: "60%"}))
	chart.XYReversal()
	chart.Validate()
	d, err := seal(b.ID, "bars", b.Alt, chart.JSON(), tips)
	d.High = 56 + 30*len(b.Bars)
	return d, err
}

// seal turns an option into data that can stand inside a script element:
// json.Marshal writes <, > and & as escapes, so no label can end the element.
func seal(id, kind, alt string, option map[string]any, tips []string) (drawing, error) {
	if !fixedID.MatchString(id) {
		return drawing{}, fmt.Errorf("draw chart %q: an id is lower-case letters, digits, - and _", id)
	}
	text, err := json.Marshal(map[string]any{"option": option, "tips": tips})
	if err != nil {
		return drawing{}, fmt.Errorf("draw chart %s: %w", id, err)
	}
	return drawing{ID: "chart-" + id, Kind: kind, Alt: alt, Table: "numbers-" + id, Data: template.JS(text)}, nil
}

// gap is how echarts is told that there is no value; it is not a zero.
var gap = opts.LineData{Value: "-"}

func datum(v float64) opts.LineData { return opts.LineData{Value: number(v)} }

// number keeps NaN and infinities out of the JSON, which has no word for them.
func number(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	return math.Round(v*1000) / 1000
}

// lone draws a series as marks without a line between them.
func lone(symbol string, size int, style opts.ItemStyle) []charts.SeriesOpts {
	return []charts.SeriesOpts{
		charts.WithLineChartOpts(opts.LineChart{Symbol: symbol, SymbolSize: size, ShowSymbol: opts.Bool(true)}),
		charts.WithItemStyleOpts(style),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 0.001, Opacity: opts.Float(0)}),
	}
}

func axisLabel(sparse bool) *opts.AxisLabel {
	label := opts.AxisLabel{Color: ink("soft"), FontSize: 11}
	if sparse {
		label.HideOverlap = opts.Bool(true)
	}
	return &label
}

func grid() *opts.SplitLine {
	return &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: ink("hair"), Width: 1}}
}

func noteLabel() *opts.Label {
	return &opts.Label{Show: opts.Bool(true), Color: ink("soft"), FontSize: 11}
}
