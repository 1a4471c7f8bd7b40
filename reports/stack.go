package reports

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// stack is a column for each period, cut into the same slices in the same order.
// The slices are told apart by their place, their lightness and a texture, and
// named beside the newest column: no colour says anything alone.
type stack struct {
	ID, Alt, Unit string
	Columns       []upright
	Slices        []slice // from the axis up
}

type upright struct {
	Label string
	Tip   string // what the pointer says there
	State string // "so far": the period is not over; drawn paler
}

// slice is one class through all columns. A NaN is a column of which nothing is known.
type slice struct {
	Name    string
	Ink     string   // a colour of the style sheet
	Texture *texture // nil: plain
	Values  []float64
}

// texture is a pattern over the colour, as echarts spells it.
type texture struct {
	Symbol   string  `json:"symbol"`
	Size     float64 `json:"symbolSize"`
	DashX    any     `json:"dashArrayX"`
	DashY    any     `json:"dashArrayY"`
	Rotation float64 `json:"rotation"`
	Color    string  `json:"color"`
}

// hatched are slanted lines, dotted are rows of dots.
func hatched(of string) *texture {
	return &texture{Symbol: "rect", Size: 1, DashX: []int{1, 0}, DashY: []int{2, 4}, Rotation: -0.785, Color: ink(of)}
}

func dotted(of string) *texture {
	return &texture{Symbol: "circle", Size: 0.9, DashX: [][]int{{3, 4}, {0, 3, 4, 0}}, DashY: []int{4, 0}, Color: ink(of)}
}

// piled is one slice of one column: go-echarts knows no textures.
type piled struct {
	Value     any        `json:"value"`
	ItemStyle pileStyle  `json:"itemStyle"`
	Label     *pileLabel `json:"label,omitempty"`
}

// pileLabel is the name of a slice, moved up or down from its middle.
type pileLabel struct {
	opts.Label
	Offset  [2]float64 `json:"offset"`
	Opacity int        `json:"opacity"` // a paler column has no paler name
}

type pileStyle struct {
	opts.ItemStyle
	Decal *texture `json:"decal,omitempty"`
}

// Of the box: its height, and what the axis and the headroom take of it; how far
// apart two names must stand.
const (
	stackHigh  = 260
	stackRoom  = 38
	namesApart = 14
)

func (k stack) drawing() (drawing, error) {
	chart := charts.NewBar()
	labels := make([]string, len(k.Columns))
	tips := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		labels[i], tips[i] = c.Label, c.Tip
		if c.State != "" {
			labels[i] += "\n" + c.State
		}
	}
	top, names := k.top(), axisLabel(true)
	names.ShowMaxLabel = opts.Bool(true)
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "86", Top: "10", Bottom: "4", ContainLabel: opts.Bool(true)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category", AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink("line")}}, AxisLabel: names}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0, Max: top, SplitNumber: 4, AxisLabel: axisLabel(false), SplitLine: grid()}),
	)
	chart.SetXAxis(labels)
	moved := k.apart(top)
	for i, one := range k.Slices {
		chart.AddSeries(one.Name, nil, charts.WithBarChartOpts(opts.BarChart{Stack: "all", BarWidth: "72%"}))
		chart.MultiSeries[i].Data = k.pile(one, moved[i])
	}
	chart.Validate()
	option := chart.JSON()
	axis, err := spaced(option["xAxis"])
	if err != nil {
		return drawing{}, fmt.Errorf("draw chart %s: %w", k.ID, err)
	}
	option["xAxis"] = axis
	d, err := seal(k.ID, "stack", k.Alt, option, tips)
	d.High, d.Unit = stackHigh, k.Unit
	return d, err
}

// spaced parts the two lines under a column: go-echarts writes the height of a
// line as text, which echarts adds up as text.
func spaced(axes any) ([]map[string]any, error) {
	text, err := json.Marshal(axes)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	for _, one := range out {
		if label, ok := one["axisLabel"].(map[string]any); ok {
			label["lineHeight"] = 14
		}
	}
	return out, nil
}

// top is where the scale ends.
func (k stack) top() float64 {
	highest := 0.0
	for i := range k.Columns {
		sum := 0.0
		for _, one := range k.Slices {
			if !math.IsNaN(one.Values[i]) {
				sum += one.Values[i]
			}
		}
		highest = max(highest, sum)
	}
	// With halves of ten the tallest column uses more of the box.
	if power := math.Pow(10, math.Floor(math.Log10(highest))); highest > 4*power && highest <= 5*power {
		return 5 * power
	}
	return nice(highest)
}

// apart says how far each name must move from the middle of its slice in the
// newest column, so that none lies on another; downwards is more than 0. Names
// move up from the axis, and down again from the top of the box.
func (k stack) apart(top float64) []float64 {
	last, scale := len(k.Columns)-1, (stackHigh-stackRoom)/top
	middles, at := make([]float64, len(k.Slices)), make([]float64, len(k.Slices)) // pixels above the axis
	base, least := 0.0, 0.0
	for i, one := range k.Slices {
		v := one.Values[last]
		if math.IsNaN(v) {
			v = 0
		}
		middles[i] = (base + v/2) * scale
		base += v
		at[i] = max(middles[i], least)
		least = at[i] + namesApart
	}
	most := float64(stackHigh - stackRoom)
	for i := len(at) - 1; i >= 0; i-- {
		at[i] = min(at[i], most)
		most = at[i] - namesApart
		middles[i] = math.Round(middles[i] - at[i])
	}
	return middles
}

// pile sets a slice on those below it; the newest column bears the name.
func (k stack) pile(one slice, moved float64) []piled {
	out := make([]piled, len(one.Values))
	for i, v := range one.Values {
		style := pileStyle{ItemStyle: opts.ItemStyle{Color: ink(one.Ink), BorderColor: ink("paper"), BorderWidth: 1}, Decal: one.Texture}
		if i < len(k.Columns) && k.Columns[i].State != "" {
			style.Opacity = opts.Float(0.75)
		}
		out[i] = piled{Value: number(v), ItemStyle: style}
		if i == len(one.Values)-1 {
			out[i].Label = &pileLabel{Label: opts.Label{Show: opts.Bool(true), Position: "right", Formatter: one.Name, Color: ink("ink"), FontSize: 11}, Offset: [2]float64{0, moved}, Opacity: 1}
		}
	}
	return out
}
