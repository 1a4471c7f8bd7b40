package metrics

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// printable finds what no page may print.
func printable(s string) error {
	for _, bad := range []string{"NaN", "Inf", "%!", "-0", "  ", "<nil>"} {
		if strings.Contains(s, bad) {
			return fmt.Errorf("%q contains %q", s, bad)
		}
	}
	return nil
}

func TestDurationText(t *testing.T) {
	const h, d = 3600.0, 86400.0
	for seconds, want := range map[float64]string{
		0: "0 min", 1: "under 1 min", 29: "under 1 min", 30: "1 min", 60: "1 min", 90: "1.5 min", 42 * 60: "42 min",
		59.4 * 60: "59 min", 59.6 * 60: "1 h", h: "1 h", 1.1 * h: "1.1 h", 9.94 * h: "9.9 h", 9.96 * h: "10 h", 19 * h: "19 h",
		47 * h: "47 h", 47.6 * h: "2 d", 3.4 * d: "3.4 d", 12.4 * d: "12 d", 1500 * d: "1,500 d",
		-90: "−1.5 min", math.Inf(1): "none", math.NaN(): "none",
	} {
		if got := Duration(seconds); got != want {
			t.Errorf("%v s: %q, want %q", seconds, got, want)
		}
	}
}

func TestNumberText(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.04: "0", 0.25: "0.3", 0.35: "0.4", 0.75: "0.8", -0.25: "−0.3", 1: "1", 2.44: "2.4", 9.94: "9.9", 9.95: "10", 9.96: "10", 14.5: "15", 15.5: "16", 999.4: "999", 1000: "1,000",
		1234567: "1,234,567", -3: "−3", math.NaN(): "none",
	} {
		if got := Number(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}

func TestPercentText(t *testing.T) {
	for p, want := range map[float64]string{
		0: "0 %", 0.0003: "under 0.1 %", 0.004: "0.4 %", 0.0099: "1 %", 0.0025: "0.3 %", 0.125: "13 %", 0.375: "38 %", 0.21: "21 %", 0.989: "99 %", 0.996: "99.6 %",
		0.9999: "over 99.9 %", 1: "100 %", 1.6: "160 %", -0.1: "−10 %", math.NaN(): "none",
	} {
		if got := Percent(p); got != want {
			t.Errorf("%v: %q, want %q", p, got, want)
		}
	}
}

func TestRangeText(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{PercentRange(Interval{0.0757, 0.4759, true}), "8–48 %"},
		{PercentRange(Interval{0, 0.2775, true}), "0–28 %"},
		{PercentRange(Interval{0.21, 0.21, true}), "21 %"},
		{PercentRange(Interval{0.001, 0.02, true}), "0.1–2 %"},
		{Range(1.62, 11.67), "2–12"},
		{Range(0.3, 0.8), "0.3–0.8"},
		{Range(-0.3, 20), "0–20"},
		{Range(1200, 1800), "1,200–1,800"},
		{DurationRange(Interval{0.8 * 3600, 2.3 * 3600, true}), "48 min–2.3 h"},
		{DurationRange(Interval{1.2 * 3600, 2.3 * 3600, true}), "1.2–2.3 h"},
		{DurationRange(Interval{3600, 3600, true}), "1 h"},
		{DurationRange(Interval{0, 20, true}), "0 min–under 1 min"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
