package reports

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/srekpi/srekpi/metrics"
)

// Sentences of a page say numbers and lists as people do.

// counted writes "1 incident", "3 incidents", "no incidents".
func counted(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return metrics.Number(float64(n)) + " " + many
}

// ordinal writes 1st, 2nd, 3rd, 4th, 11th, 22nd.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// listed joins words as a sentence does: "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// spelled writes small numbers as words, as sentences do.
func spelled(n int) string {
	words := [...]string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return metrics.Number(float64(n))
}

// capital sets the first letter of a sentence.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// lower sets the first letter small, unless the word is an acronym.
func lower(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[size:])
	if size == 0 || unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// verb fits a title: "time to resolve is", "repeats within 90 days are".
func verb(title string) string {
	first, _, _ := strings.Cut(title, " ")
	if strings.HasSuffix(first, "s") && !strings.HasSuffix(first, "ss") {
		return "are"
	}
	return "is"
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func hasHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func orNone(what string, n int) prose {
	if n == 0 {
		return prose{say("none is")}
	}
	return tell("%s %s", tallyOf(what, n), isAre(n))
}

func costs(n int) string {
	if n == 1 {
		return "costs"
	}
	return "cost"
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
