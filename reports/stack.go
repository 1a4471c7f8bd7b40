package reports

import (
	"encoding/json"
	"fmt"

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
	Value     any         `json:"value"`
	ItemStyle pileStyle   `json:"itemStyle"`
	Label     *opts.Label `json:"label,omitempty"`
}

type pileStyle struct {
	opts.ItemStyle
	Decal *texture `json:"decal,omitempty"`
}

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
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis", AxisPointer: &opts.AxisPointer{Type: "none"}}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "86", Top: "10", Bottom: "4", ContainLabel: opts.Bool(true)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category", AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
			AxisLine: &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink("line")}}, AxisLabel: axisLabel(true)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0, SplitNumber: 4, AxisLabel: axisLabel(false), SplitLine: grid()}),
	)
	chart.SetXAxis(labels)
	for _, one := range k.Slices {
		chart.AddSeries(one.Name, nil, charts.WithBarChartOpts(opts.BarChart{Stack: "all", BarWidth: "72%"}))
		chart.MultiSeries[len(chart.MultiSeries)-1].Data = k.pile(one)
	}
	chart.Validate()
	option := chart.JSON()
	series, err := settled(option["series"])
	if err != nil {
		return drawing{}, fmt.Errorf("draw chart %s: %w", k.ID, err)
	}
	option["series"] = series
	d, err := seal(k.ID, "stack", k.Alt, option, tips)
	d.High, d.Unit = 260, k.Unit
	return d, err
}

// pile sets a slice on those below it; the newest column bears the name.
func (k stack) pile(one slice) []piled {
	out := make([]piled, len(one.Values))
	for i, v := range one.Values {
		style := pileStyle{ItemStyle: opts.ItemStyle{Color: ink(one.Ink), BorderColor: ink("paper"), BorderWidth: 1}, Decal: one.Texture}
		if i < len(k.Columns) && k.Columns[i].State != "" {
			style.Opacity = opts.Float(0.55)
		}
		out[i] = piled{Value: number(v), ItemStyle: style}
		if i == len(one.Values)-1 {
			out[i].Label = &opts.Label{Show: opts.Bool(true), Position: "right", Formatter: one.Name, Color: ink("ink"), FontSize: 11}
		}
	}
	return out
}

// settled adds to each series what go-echarts has no word for: names that would
// lie on each other move apart.
func settled(series any) ([]map[string]any, error) {
	text, err := json.Marshal(series)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	for _, one := range out {
		one["labelLayout"] = map[string]any{"moveOverlap": "shiftY"}
	}
	return out, nil
}
