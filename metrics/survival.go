package metrics

import (
	"math"
	"sort"
)

// Survival is the typical duration with what is still open counted in: leaving
// it out would flatter, as the open ones are the long ones.
type Survival struct {
	N, Ended int
	Median   float64
	Reached  bool // false: more than half outlast all that is known: "not reached"

	Low      float64 // lower end of the median's interval
	LowOK    bool
	High     float64 // upper end; HighOK false: no upper end yet, "at least Low"
	HighOK   bool
	Followed float64 // the longest time that anything was watched, ended or open
}

// KaplanMeier estimates the median of durations of which some have not ended.
// The interval holds the times at which the survival curve's own interval, on
// the log(−log) scale (Brookmeyer and Crowley 1982), includes one half. Where
// the curve rests at exactly one half, the median is the middle of that stretch,
// so that without open ones it is the ordinary median.
func KaplanMeier(durations []float64, ended []bool, level float64) Survival {
	type span struct {
		t     float64
		ended bool
	}
	spans := make([]span, 0, len(durations))
	s := Survival{}
	for i, t := range durations {
		if math.IsNaN(t) || t < 0 || i >= len(ended) {
			continue
		}
		spans = append(spans, span{t, ended[i]})
		s.Followed = max(s.Followed, t)
		if ended[i] {
			s.Ended++
		}
	}
	s.N = len(spans)
	sort.Slice(spans, func(i, j int) bool { return spans[i].t < spans[j].t })

	z := normalQuantile(level)
	curve, variance := 1.0, 0.0 // of the survival curve; Greenwood's sum
	half := math.NaN()          // where the curve came to rest at one half
	for i := 0; i < len(spans); {
		t, atRisk, deaths := spans[i].t, len(spans)-i, 0
		for ; i < len(spans) && spans[i].t == t; i++ {
			if spans[i].ended {
				deaths++
			}
		}
		if deaths == 0 {
			continue
		}
		d, r := float64(deaths), float64(atRisk)
		curve *= (r - d) / r
		variance += d / (r * (r - d)) // infinite at the last one; not used there
		const atHalf = 1e-9           // products of fractions miss one half by rounding
		switch {
		case s.Reached:
		case !math.IsNaN(half):
			s.Median, s.Reached = (half+t)/2, true
		case math.Abs(curve-0.5) < atHalf:
			half = t
		case curve < 0.5:
			s.Median, s.Reached = t, true
		}
		low, high := 0.0, 1.0
		if curve > 0 {
			spread := math.Exp(z * math.Sqrt(variance) / math.Abs(math.Log(curve)))
			low, high = math.Pow(curve, spread), math.Pow(curve, 1/spread)
		}
		if !s.LowOK && low <= 0.5 {
			s.Low, s.LowOK = t, true
		}
		if !s.HighOK && high <= 0.5 {
			s.High, s.HighOK = t, true
		}
	}
	if !s.Reached && !math.IsNaN(half) {
		// Half have ended and the rest outlast them: the start of the stretch is
		// the one time that is known.
		s.Median, s.Reached = half, true
	}
	return s
}
