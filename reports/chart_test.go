package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestChartsCarryHostileTextAsData(t *testing.T) {
	nan := math.NaN()
	l := line{ID: "x", Mid: nan, Low: nan, High: nan, Top: nan}
	b := bars{ID: "y"}
	for _, text := range hostile {
		l.Points = append(l.Points, point{Label: text, Value: 1, Tip: text})
		l.Events = append(l.Events, event{Label: text, Numbers: "1"})
		b.Bars = append(b.Bars, bar{Label: text, Value: 1, Text: text})
	}
	for name, draw := range map[string]func() (drawing, error){"line": l.drawing, "bars": b.drawing} {
		d, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexAny(string(d.Data), "<>&\x00"); i >= 0 {
			t.Errorf("%s: %q stands in the script element", name, d.Data[max(0, i-20):i+1])
		}
		var spec struct {
			Tips   []string
			Option map[string]any
		}
		if err := json.Unmarshal([]byte(d.Data), &spec); err != nil || len(spec.Tips) != len(hostile) || spec.Option["series"] == nil {
			t.Errorf("%s: %v, %d tips", name, err, len(spec.Tips))
		}
	}
}

func TestAGapIsNoNumber(t *testing.T) {
	l := line{ID: "x", Mid: math.Inf(1), Low: math.NaN(), High: math.NaN(), Top: math.NaN(), Points: []point{
		{Label: "a", Value: math.NaN()}, {Label: "b", Value: 0}, {Label: "c", Value: 2, Running: true}, {Label: "d", Value: 9, Signal: true},
	}}
	d, err := l.drawing()
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Option struct {
			Series []struct {
				Name string
				Data []struct{ Value any }
			}
		}
	}
	if err := json.Unmarshal([]byte(d.Data), &spec); err != nil {
		t.Fatal(err)
	}
	want := map[string][]any{"value": {"-", 0.0, "-", 9.0}, "outside": {"-", "-", "-", 9.0}, "running": {"-", "-", 2.0, "-"}}
	for _, s := range spec.Option.Series {
		for i, w := range want[s.Name] {
			if s.Data[i].Value != w {
				t.Errorf("%s[%d] is %v, want %v", s.Name, i, s.Data[i].Value, w)
			}
		}
	}
}

func TestChartIDsAreFixed(t *testing.T) {
	if _, err := (bars{ID: "a b"}).drawing(); err == nil {
		t.Error("an id with a space was taken")
	}
	one, _ := bars{ID: "a", Bars: []bar{{Label: "x", Value: 1}}}.drawing()
	two, _ := bars{ID: "a", Bars: []bar{{Label: "x", Value: 1}}}.drawing()
	if one != two {
		t.Error("the same chart twice differs")
	}
}

func TestScalesEndWhereTheAxisDivides(t *testing.T) {
	for x, want := range map[float64]float64{0: 1, 1: 1.2, 7.4: 8, 58: 60, 81: 120, 0.13: 0.15, 210: 250} {
		if got := nice(x); math.Abs(got-want) > 1e-9 {
			t.Errorf("nice(%v) = %v, want %v", x, got, want)
		}
	}
}
