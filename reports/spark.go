package reports

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// A sparkline is a word among words: drawn here as SVG, so that it stands in
// its table cell without script and on paper. Its numbers are in the table of
// the same block.
const (
	sparkWide, sparkHigh = 240.0, 40.0
	sparkEdge            = 4.0
)

// spark draws the last periods of a reading with its normal range. The scale
// begins at zero and is the line's own.
func (r *reading) spark(periods int) template.HTML {
	points := r.Points[max(0, len(r.Points)-periods):]
	first := len(r.Points) - len(points)
	top := 0.0
	for _, p := range points {
		if p.Value != nil && p.Value.Value != nil {
			top = max(top, *p.Value.Value)
		}
	}
	band := r.normal()
	if band.OK {
		// The band may reach far above the line; the line must stay readable.
		top = max(top, min(band.High, 1.6*max(top, r.Limits.Centre)))
	}
	if top == 0 {
		top = 1
	}
	x := func(i int) float64 {
		return sparkEdge + (sparkWide-2*sparkEdge)*float64(i+periods-len(points))/float64(max(periods-1, 1))
	}
	y := func(v float64) float64 {
		return sparkHigh - sparkEdge - (sparkHigh-2*sparkEdge)*math.Min(v, top)/top
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="spark" viewBox="0 0 %g %g" aria-hidden="true" focusable="false">`, sparkWide, sparkHigh)
	if band.OK {
		fmt.Fprintf(&b, `<rect class="band" x="0" width="%g" y="%.1f" height="%.1f"/>`, sparkWide, y(band.High), max(1, y(max(0, band.Low))-y(band.High)))
		fmt.Fprintf(&b, `<path class="mid" d="M0 %.1fH%g"/>`, y(r.Limits.Centre), sparkWide)
	}
	path, marks, pen := "", "", "M"
	for i, p := range points {
		if p.Value == nil || p.Value.Value == nil {
			pen = "M"
			continue
		}
		at := [2]float64{x(i), y(*p.Value.Value)}
		class, radius := "dot", 1.6
		switch {
		case !p.Value.Complete || r.small(first+i):
			class, radius = "part", 3.2
		case r.outside(first + i):
			// A diamond, not only another colour.
			marks += fmt.Sprintf(`<path class="out" d="M%.1f %.1fl4.4 4.4l-4.4 4.4l-4.4-4.4z"/>`, at[0], at[1]-4.4)
			radius = 0
		case first+i == r.Judged:
			class, radius = "now", 3.4
		}
		if r.carries(first + i) {
			path += fmt.Sprintf("%s%.1f %.1f", pen, at[0], at[1])
			pen = "L"
		}
		if radius > 0 {
			marks += fmt.Sprintf(`<circle class="%s" cx="%.1f" cy="%.1f" r="%g"/>`, class, at[0], at[1], radius)
		}
	}
	if path != "" {
		fmt.Fprintf(&b, `<path class="line" d="%s"/>`, path)
	}
	b.WriteString(marks + `</svg>`)
	return template.HTML(b.String())
}

// outside says whether a point by itself lies beyond the normal range.
func (r *reading) outside(i int) bool {
	for _, s := range r.Signals {
		if s.Rule == metrics.Outside && s.To == i {
			return true
		}
	}
	return false
}
