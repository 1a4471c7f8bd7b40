package reports

import (
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// heat is a strip of the week by day and hour: how much fell into each hour of
// each weekday. The stronger its shade the more; the number stands in it, so that
// neither colour nor its absence carries anything alone.
type heat struct {
	ID, Alt string
	Cells   [7][24]heatCell // Monday first
	Zones   []heatZone
}

type heatCell struct {
	N     int
	Fresh bool // some of it in this period: framed
	Tip   string
}

// heatZone is a part of the week that is told apart: hours of the first days, or of all.
type heatZone struct {
	Name        string
	From, To    int // hours
	First, Last int // days, 0 Monday
	Fill        string
	Framed      bool
}

var weekdays = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// heatSteps is how many shades there are: as many as can be told apart on paper.
const heatSteps = 4

func (h heat) drawing() (drawing, error) {
	most := 0
	for _, day := range h.Cells {
		for _, c := range day {
			most = max(most, c.N)
		}
	}
	var shades [heatSteps][]opts.HeatMapData
	var fresh []opts.HeatMapData
	var tips []string
	for d, day := range h.Cells {
		for hour, c := range day {
			tips = append(tips, c.Tip)
			for i := range shades {
				shades[i] = append(shades[i], heatDatum(hour, d, c.N, c.N > 0 && heatStep(c.N, most) == i))
			}
			fresh = append(fresh, heatDatum(hour, d, c.N, c.Fresh))
		}
	}
	hours := make([]string, 24)
	for i := range hours {
		hours[i] = strconv.Itoa(i)
	}
	days := append([]string{}, weekdays[:]...)
	chart := charts.NewHeatMap()
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "34", Right: "4", Top: "20", Bottom: "22"}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category", AxisTick: &opts.AxisTick{Show: opts.Bool(false)}, AxisLine: &opts.AxisLine{Show: opts.Bool(false)}, AxisLabel: axisLabel(true)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: days, Inverse: opts.Bool(true), AxisLine: &opts.AxisLine{Show: opts.Bool(false)}, AxisLabel: axisLabel(false)}),
	)
	chart.SetXAxis(hours)
	// Zones end between two cells, where a scale of names has no point: they
	// stand on scales of numbers over the same grid.
	chart.ExtendXAxis(opts.XAxis{Type: "value", Min: 0, Max: 24, Show: opts.Bool(false), AxisLabel: axisLabel(false)})
	chart.ExtendYAxis(opts.YAxis{Type: "value", Min: 0, Max: 7, Inverse: opts.Bool(true), Show: opts.Bool(false), AxisLabel: axisLabel(false)})
	zones := charts.NewLine()
	zones.AddSeries("zones", []opts.LineData{{Value: []any{0, 0}}, {Value: []any{24, 7}}},
		charts.WithLineChartOpts(opts.LineChart{XAxisIndex: 1, YAxisIndex: 1, ShowSymbol: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Width: 0.001, Opacity: opts.Float(0)}),
		charts.WithSeriesOpts(h.zones))
	for i, data := range shades {
		chart.AddSeries("shade "+strconv.Itoa(i+1), data,
			charts.WithItemStyleOpts(opts.ItemStyle{Color: ink("heat-" + strconv.Itoa(i+1)), BorderColor: ink("paper"), BorderWidth: 1}),
			charts.WithLabelOpts(opts.Label{Show: opts.Bool(true), Color: ink("ink"), FontSize: 11, Formatter: "{@[2]}"}))
	}
	chart.AddSeries("fresh", fresh, charts.WithItemStyleOpts(opts.ItemStyle{Color: "transparent", BorderColor: ink("ink"), BorderWidth: 2}))
	chart.Overlap(zones)
	chart.Validate()
	d, err := seal(h.ID, "heat", h.Alt, chart.JSON(), tips)
	d.High = 42 + 26*len(h.Cells)
	return d, err
}

// heatStep is the shade of a number: quarters of the largest.
func heatStep(n, most int) int {
	return max(0, int(math.Ceil(float64(heatSteps*n)/float64(max(most, heatSteps))))-1)
}

func heatDatum(hour, day, n int, shown bool) opts.HeatMapData {
	if !shown {
		return opts.HeatMapData{Value: []any{hour, day, gap.Value}}
	}
	return opts.HeatMapData{Value: []any{hour, day, n}}
}

// zones draws the parts of the week behind the cells.
func (h heat) zones(s *charts.SingleSeries) {
	var areas, frame []any
	untold := map[string]any{"trigger": "none"} // the tips are of the cells
	for _, z := range h.Zones {
		style := map[string]any{"color": "transparent"}
		if z.Fill != "" {
			style = map[string]any{"color": ink(z.Fill)}
		}
		if z.Framed { // as lines, which lie above the cells
			for _, side := range [][4]int{{z.From, z.First, z.To, z.First}, {z.To, z.First, z.To, z.Last + 1}, {z.To, z.Last + 1, z.From, z.Last + 1}, {z.From, z.Last + 1, z.From, z.First}} {
				frame = append(frame, []map[string]any{{"coord": []int{side[0], side[1]}, "tooltip": untold}, {"coord": []int{side[2], side[3]}}})
			}
		}
		areas = append(areas, []map[string]any{
			{"name": z.Name, "coord": []int{z.From, z.First}, "itemStyle": style, "tooltip": untold,
				"label": map[string]any{"show": z.Name != "", "position": "top", "distance": 4, "color": ink("soft"), "fontSize": 11}},
			{"coord": []int{z.To, z.Last + 1}},
		})
	}
	s.MarkAreas = &opts.MarkAreas{Data: areas}
	s.MarkLines = &opts.MarkLines{Data: frame, MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)},
		LineStyle: &opts.LineStyle{Color: ink("soft"), Type: "solid", Width: 1.5}}}
}
