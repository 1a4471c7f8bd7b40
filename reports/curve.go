package reports

import (
	"math"
	"sort"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/srekpi/srekpi/metrics"
)

// closing is the part of promises that is closed after each time, with the open
// ones counted in as long as they were watched (Kaplan–Meier): one that is open
// for 20 days says nothing of the 30th.
type closing struct {
	days  []float64 // all spans, ascending
	steps []closed
}

// closed is the curve from one time on.
type closed struct{ After, Part float64 }

func closingOf(days []float64, ended []bool) closing {
	type span struct {
		t     float64
		ended bool
	}
	spans := make([]span, len(days))
	for i, d := range days {
		spans[i] = span{d, ended[i]}
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].t < spans[j].t })
	c := closing{}
	open := 1.0
	for i := 0; i < len(spans); {
		t, watched, done := spans[i].t, len(spans)-i, 0
		for ; i < len(spans) && spans[i].t == t; i++ {
			c.days = append(c.days, t)
			if spans[i].ended {
				done++
			}
		}
		if done > 0 {
			open *= float64(watched-done) / float64(watched)
			c.steps = append(c.steps, closed{t, 1 - open})
		}
	}
	return c
}

// at is the part closed after so many days, how many were watched for so long,
// and whether any was.
func (c closing) at(days float64) (part float64, watched int, known bool) {
	watched = len(c.days) - sort.SearchFloat64s(c.days, days)
	for _, step := range c.steps {
		if step.After > days {
			break
		}
		part = step.Part
	}
	return part, watched, watched > 0
}

// curve draws the part closed as a step line over whole days.
type curve struct {
	ID, Alt, Unit string
	Of            closing
	Days          int     // end of the scale
	Half          float64 // days until half is closed; NaN: not reached
}

// every is how far apart the days stand that the axis names.
const every = 30

func (c curve) drawing() (drawing, error) {
	chart := charts.NewLine()
	var labels, tips []string
	var data []opts.LineData
	for d := 0; d <= c.Days; d++ {
		part, watched, known := c.Of.at(float64(d))
		labels = append(labels, strconv.Itoa(d))
		if !known {
			data, tips = append(data, gap), append(tips, "")
			continue
		}
		data = append(data, datum(100*part))
		tips = append(tips, "after "+counted(d, "day", "days")+": "+metrics.Percent(part)+" closed\n"+counted(watched, "action", "actions")+" watched so long")
	}
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "24", Top: "24", Bottom: "22", ContainLabel: opts.Bool(true)}),
	)
	chart.SetXAxis(labels)
	chart.AddSeries("closed", data,
		charts.WithLineChartOpts(opts.LineChart{Step: "end", ShowSymbol: opts.Bool(false)}),
		charts.WithLineStyleOpts(opts.LineStyle{Color: ink("mark"), Width: 2}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: ink("mark")}),
		charts.WithSeriesOpts(c.half))
	chart.Validate()
	option := chart.JSON()
	// The library writes the interval of labels as text, with which the engine
	// cannot count.
	option["xAxis"] = []any{map[string]any{"type": "category", "data": labels, "boundaryGap": false, "name": "days after the promise", "nameLocation": "middle", "nameGap": 24, "nameTextStyle": map[string]any{"color": ink("soft")},
		"axisTick": map[string]any{"show": true, "interval": every - 1}, "axisLine": map[string]any{"lineStyle": map[string]any{"color": ink("line")}},
		"axisLabel": map[string]any{"color": ink("soft"), "fontSize": 11, "interval": every - 1}}}
	option["yAxis"] = []any{map[string]any{"type": "value", "min": 0, "max": 100, "interval": 25, "axisLabel": axisLabel(false), "splitLine": grid()}}
	d, err := seal(c.ID, "line", c.Alt, option, tips)
	d.High, d.Unit = 240, c.Unit
	return d, err
}

// half marks where half of the promises are closed.
func (c curve) half(s *charts.SingleSeries) {
	if math.IsNaN(c.Half) || c.Half > float64(c.Days) {
		return
	}
	at := strconv.Itoa(int(math.Round(c.Half)))
	s.MarkLines = &opts.MarkLines{
		Data: []any{map[string]any{"xAxis": at, "label": map[string]any{"show": true, "position": "end", "formatter": "half after " + at + " days", "distance": 4}}},
		MarkLineStyle: opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: noteLabel(),
			LineStyle: &opts.LineStyle{Color: ink("line"), Type: "dashed", Width: 1}},
	}
}
