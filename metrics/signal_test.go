package metrics

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Mean 41, moving ranges 2 1 3 2 2 1 3 2 3 2 1 = 22 over 11 pairs: mean 2, so
// the limits are 41 ± 5.32.
var steady = []float64{40, 42, 41, 44, 42, 40, 41, 38, 40, 43, 41, 40}

func TestLimitsOfTheWorkedExample(t *testing.T) {
	l := XmR(steady, Linear)
	if !l.OK || l.N != 12 || !near(l.Centre, 41, 1e-9) || !near(l.Low, 35.68, 1e-9) || !near(l.High, 46.32, 1e-9) {
		t.Fatalf("%+v", l)
	}
	if s := l.Signals(steady); s != nil {
		t.Errorf("the baseline shows %+v", s)
	}
	if i := l.Shown(38, 45); i != (Interval{38, 45, true}) {
		t.Errorf("shown as %+v", i)
	}
}

func TestLimitsNeedTwelvePointsThatVary(t *testing.T) {
	if l := XmR(steady[:11], Linear); l.OK || l.N != 11 {
		t.Errorf("11 points: %+v", l)
	}
	if l := XmR(make([]float64, 20), Linear); l.OK {
		t.Errorf("a rate that was always 0: %+v", l)
	}
	holes := []float64{math.NaN()}
	for _, x := range steady {
		holes = append(holes, x, math.NaN(), math.Inf(1))
	}
	if got, want := XmR(holes, Linear), XmR(steady, Linear); got != want {
		t.Errorf("with gaps %+v, without %+v", got, want)
	}
	if s := XmR(steady[:11], Linear).Signals([]float64{1000}); s != nil {
		t.Errorf("signals without limits: %+v", s)
	}
}

func TestDurationLimitsAreFactors(t *testing.T) {
	hours := make([]float64, len(steady))
	for i, x := range steady {
		hours[i] = 3600 * math.Exp((x-41)/10)
	}
	l := XmR(hours, Log)
	if !near(l.Centre, 3600, 1e-6) || !near(l.High/l.Centre, math.Exp(0.532), 1e-9) || !near(l.Centre/l.Low, math.Exp(0.532), 1e-9) {
		t.Errorf("%+v", l)
	}
	if w := l.Word(append(hours, 3600*2)); w != "unusually high" {
		t.Errorf("twice the typical: %s", w)
	}
}

func TestSignals(t *testing.T) {
	l := XmR(steady, Linear) // centre 41, limits 35.68 and 46.32, half way 38.34 and 43.66
	gap := math.NaN()
	tests := []struct {
		name   string
		points []float64
		want   string // rule from–to, up or down
	}{
		{"steady", steady, ""},
		{"above", []float64{41, 46.4}, "outside 1-1 up"},
		{"on the limit is inside", []float64{41, 46.32, 41}, ""},
		{"below, twice, is two", []float64{35, 41, 35}, "outside 0-0 down, outside 2-2 down"},
		{"seven on one side", []float64{42, 42, 42, 42, 42, 42, 42}, ""},
		{"eight on one side", []float64{42, 42, 42, 42, 42, 42, 42, 42}, "shift 0-7 up"},
		{"a point on the centre breaks the row", []float64{42, 42, 42, 42, 41, 42, 42, 42, 42}, ""},
		{"a row that goes on is one signal", []float64{40, 42, 42, 42, 42, 42, 42, 42, 42, 42, 40}, "shift 1-9 up"},
		{"a gap does not break the row", []float64{40, 40, 40, 40, gap, gap, 40, 40, 40, 40}, "shift 0-9 down"},
		{"3 of 4", []float64{44, 41, 44, 44}, "near 0-3 up"},
		{"3 of 3", []float64{44, 44, 44, 41}, "near 0-2 up"},
		{"3 of 5", []float64{44, 41, 44, 41, 44}, ""},
		{"on both sides", []float64{44, 38, 44, 38}, ""},
		{"the fourth lies by the centre", []float64{41, 38, 38, 38}, "near 1-3 down"},
		{"goes on", []float64{44, 44, 44, 44, 44, 41}, "near 0-4 up"},
		{"of two kinds", []float64{44, 44, 47}, "outside 2-2 up, near 0-2 up"},
	}
	for _, tt := range tests {
		var got []string
		for _, s := range l.Signals(tt.points) {
			got = append(got, [...]string{"outside", "shift", "near"}[s.Rule]+" "+Number(float64(s.From))+"-"+Number(float64(s.To))+
				[...]string{" down", " up"}[index(s.Above)])
		}
		if g := strings.Join(got, ", "); g != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, g, tt.want)
		}
	}
}

// A rate's lower limit may lie below zero. Cut at zero, half way to it would
// come nearer to the centre, and low rates would be called signals.
func TestNearTheLimitIsJudgedByTheUncutOne(t *testing.T) {
	l := Limits{Centre: 0.10, Low: -0.20, High: 0.40, N: 12, OK: true}
	if s := l.Signals([]float64{0.01, 0, 0.02, 0.01}); s != nil {
		t.Errorf("%+v", s)
	}
	if i := l.Shown(0, 1); i.Low != 0 || i.High != 0.40 {
		t.Errorf("shown as %+v", i)
	}
}

func TestSignalWords(t *testing.T) {
	l := XmR(steady, Linear)
	tests := []struct {
		points         []float64
		word, sentence string
	}{
		{[]float64{41, 47}, "unusually high", "above the normal range"},
		{[]float64{41, 30}, "unusually low", "below the normal range"},
		{[]float64{42, 42, 42, 42, math.NaN(), 42, 42, 42, 42, 42}, "shifted up", "9 in a row above what was typical"},
		{[]float64{40, 40, 40, 40, 40, 40, 40, 40}, "shifted down", "8 in a row below what was typical"},
		{[]float64{44, 44, 41, 44}, "running high", "3 of 4 in a row near the upper end of the normal range"},
		{[]float64{38, 38, 38}, "running low", "3 of 4 in a row near the lower end of the normal range"},
	}
	for _, tt := range tests {
		s := Standing(l.Signals(tt.points), len(tt.points)-1)
		if s == nil || s.Word() != tt.word || s.Sentence() != tt.sentence || l.Word(tt.points) != tt.word {
			t.Errorf("%v: %+v", tt.points, s)
		}
	}
	if w := l.Word([]float64{47, 41}); w != "normal" {
		t.Errorf("after the signal: %q", w)
	}
	if w := l.Word([]float64{47, math.NaN()}); w != "no figure" {
		t.Errorf("a gap at the end: %q", w)
	}
	if w := (Limits{}).Word([]float64{47}); w != "too early to say" {
		t.Errorf("without limits: %q", w)
	}
}

func TestRankPutsTheStrongestFirst(t *testing.T) {
	s := []Signal{{Rule: Near, Strength: 0.9}, {Rule: Shift, Strength: 0.4}, {Rule: Outside, Strength: 1.2}, {Rule: Outside, Strength: 3}}
	Rank(s)
	if s[0].Strength != 3 || s[1].Strength != 1.2 || s[2].Rule != Shift || s[3].Rule != Near {
		t.Errorf("%+v", s)
	}
}

// How often a steady series shows a signal at a new point: what ExpectedFalse
// tells the reader.
func TestFalseAlarmsAreAsRareAsPromised(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	alarms, points := 0, 0
	for range 4000 {
		n := 12 + rng.IntN(13)
		series := make([]float64, n+12)
		for i := range series {
			series[i] = rng.NormFloat64()
		}
		l := XmR(series[:n], Linear)
		for last := n; last < len(series); last++ {
			points++
			if Standing(l.Signals(series[:last+1]), last) != nil {
				alarms++
			}
		}
	}
	got := float64(alarms) / float64(points)
	t.Logf("%.4f of new points", got)
	if !near(got, falseAlarm, 0.005) {
		t.Errorf("false alarms at %.4f of the points, ExpectedFalse says %v", got, falseAlarm)
	}
}

func TestRareEventsSignalNoOftenerThanOthers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	outside, points := 0, 0
	for range 4000 {
		days := make([]float64, 36)
		for i := range days {
			days[i] = 30 * rng.ExpFloat64()
		}
		for _, s := range XmR(days[:24], Rare).Signals(days) {
			if s.Rule == Outside && s.To >= 24 {
				outside++
			}
		}
		points += 12
	}
	if got := float64(outside) / float64(points); got > 0.012 { // 2.6 % on the untransformed days
		t.Errorf("%.4f outside", got)
	}
}

func TestDaysBetween(t *testing.T) {
	at := []time.Time{moment(t, "2026-03-10T12:00:00Z"), moment(t, "2026-03-01T00:00:00Z"), moment(t, "2026-03-03T00:00:00Z")}
	if d := DaysBetween(at); len(d) != 2 || d[0] != 2 || d[1] != 7.5 {
		t.Errorf("%v", d)
	}
	if d := DaysBetween(at[:1]); d != nil {
		t.Errorf("one event: %v", d)
	}
}
