package configs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// letters of Java and spreadsheets → Go's layout, and the part of a time that
// they stand for (so that dd-mm-yyyy HH:mm is caught: minutes twice).
var letters = map[string]struct{ layout, part string }{
	"yyyy": {"2006", "year"}, "yy": {"06", "year"},
	"MMMM": {"January", "month"}, "MMM": {"Jan", "month"}, "MM": {"01", "month"}, "M": {"1", "month"},
	"dd": {"02", "day"}, "d": {"2", "day"},
	"EEEE": {"Monday", "weekday"}, "EEE": {"Mon", "weekday"},
	"HH": {"15", "hour"}, "H": {"15", "hour"}, "hh": {"03", "hour"}, "h": {"3", "hour"},
	"mm": {"04", "minute"}, "m": {"4", "minute"},
	"ss": {"05", "second"}, "s": {"5", "second"},
	"SSS": {"000", "fraction"},
	"a":   {"PM", "half of the day"},
	"Z":   {"-0700", "zone"},
}

// goLayout turns dd-MM-yyyy HH:mm into 02-01-2006 15:04. Text between single
// quotes stands for itself.
func goLayout(layout string) (string, error) {
	var out strings.Builder
	seen := map[string]string{}
	for rest := layout; rest != ""; {
		c := rest[0]
		switch {
		case c == '\'':
			text, after, closed := strings.Cut(rest[1:], "'")
			if !closed {
				return "", fmt.Errorf("the quote ' is not closed")
			}
			out.WriteString(text)
			rest = after
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := len(rest) - len(strings.TrimLeft(rest, string(c)))
			run := rest[:n]
			l, ok := letters[run]
			if !ok {
				return "", fmt.Errorf("%q stands for nothing%s", run, meant(run))
			}
			if other := seen[l.part]; other != "" {
				return "", fmt.Errorf("%s is there twice, as %q and %q%s", l.part, other, run, hint(l.part))
			}
			if l.part == "fraction" && !strings.HasSuffix(out.String(), ".") && !strings.HasSuffix(out.String(), ",") {
				return "", fmt.Errorf("SSS must follow a point or a comma")
			}
			seen[l.part] = run
			out.WriteString(l.layout)
			rest = rest[n:]
		case c >= '0' && c <= '9':
			return "", fmt.Errorf("a layout has letters for digits, not %q itself", c)
		default:
			out.WriteByte(c)
			rest = rest[1:]
		}
	}
	for _, part := range []string{"year", "month", "day"} {
		if seen[part] == "" {
			return "", fmt.Errorf("the %s is missing", part)
		}
	}
	if h := seen["hour"]; h != "" && (h[0] == 'h') != (seen["half of the day"] != "") {
		return "", fmt.Errorf("hours of 12 (hh) need a, hours of 24 (HH) do without")
	}
	return out.String(), nil
}

func meant(run string) string {
	for _, other := range []string{strings.ToLower(run), strings.ToUpper(run)} {
		if _, ok := letters[other]; ok {
			return fmt.Sprintf(", %q does", other)
		}
	}
	return ""
}

func hint(part string) string {
	switch part {
	case "minute":
		return ": mm is minutes, MM is months"
	case "month":
		return ": MM is months, mm is minutes"
	}
	return ""
}

// checkLayout refuses what is neither a word nor a layout.
func checkLayout(layout string) error {
	switch layout {
	case LayoutISO, LayoutEpoch, LayoutEpochMS:
		return nil
	}
	_, err := goLayout(layout)
	return err
}

// Parser reads times as the source writes them: the first layout that fits
// wins. The result is in UTC; false when no layout fits.
func (t Times) Parser() func(text string) (time.Time, bool) {
	loc := t.Location()
	parsers := make([]func(string) (time.Time, bool), len(t.Layouts))
	for i, layout := range t.Layouts {
		switch layout {
		case LayoutISO:
			parsers[i] = func(s string) (time.Time, bool) { return parseISO(s, loc) }
		case LayoutEpoch:
			parsers[i] = func(s string) (time.Time, bool) { return parseEpoch(s, 1000) }
		case LayoutEpochMS:
			parsers[i] = func(s string) (time.Time, bool) { return parseEpoch(s, 1) }
		default:
			l, _ := goLayout(layout) // Load has refused a bad one
			parsers[i] = func(s string) (time.Time, bool) {
				if strings.Contains(l, "PM") {
					s = strings.ToUpper(s) // Go knows PM, not pm
				}
				parsed, err := time.ParseInLocation(l, s, loc)
				return parsed.UTC(), err == nil
			}
		}
	}
	return func(text string) (time.Time, bool) {
		text = strings.TrimSpace(text)
		for _, parse := range parsers {
			if parsed, ok := parse(text); ok {
				return parsed, true
			}
		}
		return time.Time{}, false
	}
}

func parseISO(s string, loc *time.Location) (time.Time, bool) {
	const day = "2006-01-02"
	layout := day
	if len(s) > len(day) {
		if sep := s[len(day)]; sep != 'T' && sep != ' ' {
			return time.Time{}, false
		}
		clock := s[len(day)+1:]
		layout += s[len(day) : len(day)+1]
		zoneAt := strings.IndexAny(clock, "Zz+-")
		if zoneAt < 0 {
			zoneAt = len(clock)
		}
		if strings.Count(clock[:zoneAt], ":") > 1 {
			layout += "15:04:05" // Go takes a fraction after it by itself
		} else {
			layout += "15:04"
		}
		switch len(clock) - zoneAt {
		case 0:
		case 1, len("+07:00"):
			layout += "Z07:00"
		case len("+0700"):
			layout += "Z0700"
		default:
			layout += "Z07"
		}
	}
	parsed, err := time.ParseInLocation(layout, s, loc)
	return parsed.UTC(), err == nil
}

func parseEpoch(s string, milliseconds float64) (time.Time, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(n*milliseconds) <= 1e16) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(n * milliseconds))).UTC(), true
}
