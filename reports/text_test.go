package reports

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func TestCleanLeavesNothingThatBreaksALine(t *testing.T) {
	for _, text := range hostile {
		got := clean(text)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\x07\n\r\t") {
			t.Errorf("%q became %q", text, got)
		}
		if n := utf8.RuneCountInString(clip(text, 20)); n > 20 {
			t.Errorf("%q clipped to %d characters", text, n)
		}
	}
	if got := clip("  two\n\n lines\tand a tab ", 80); got != "two lines and a tab" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyWebAddressesAreLinks(t *testing.T) {
	for address, want := range map[string]string{
		"https://desk.example.com/browse/OPS-1?x=1#c": "https://desk.example.com/browse/OPS-1?x=1#c",
		" http://desk/1":                  "http://desk/1",
		"javascript:alert(1)":             "",
		"JaVaScRiPt:alert(1)":             "",
		"data:text/html,<script>":         "",
		"//desk/1":                        "",
		"/browse/1":                       "",
		"https://":                        "",
		"":                                "",
		"https://desk/\x00":               "",
		"file:///etc/passwd":              "",
		"vbscript:x":                      "",
		"https://desk/?q=\"><script>x":    "https://desk/?q=\"><script>x",
		"http://[::1":                     "",
		"https://user:secret@desk/1":      "https://desk/1",
		"\u202ehttps://desk/1":            "",
		"https://desk.example.com/браузе": "https://desk.example.com/%D0%B1%D1%80%D0%B0%D1%83%D0%B7%D0%B5",
	} {
		if got := link(address); got != want {
			t.Errorf("link(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for got, want := range map[string]string{
		ordinal(1) + ordinal(2) + ordinal(3) + ordinal(4) + ordinal(11) + ordinal(12) + ordinal(113) + ordinal(22): "1st2nd3rd4th11th12th113th22nd",
		counted(0, "row", "rows") + "," + counted(1, "row", "rows") + "," + counted(1234, "row", "rows"):           "no rows,1 row,1,234 rows",
		listed([]string{"a"}) + "|" + listed([]string{"a", "b", "c"}):                                              "a|a, b and c",
		lower("Time to resolve") + lower("MTTR") + capital("été"):                                                  "time to resolveMTTRÉté",
		verb("Repeats within 90 days") + verb("Time to resolve") + verb("Incidents"):                               "areisare",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
