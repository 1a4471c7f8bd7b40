package reports

import (
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text of a ticket safe to set in type: control characters and
// broken encoding go, white space becomes single spaces. Direction marks stay;
// the templates isolate each text in a <bdi>.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// clip shortens a text to so many characters and shows that it did.
func clip(s string, most int) string {
	if s = clean(s); utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return strings.TrimRightFunc(string(runes[:most-1]), unicode.IsSpace) + "…"
}

// unbroken is how many characters without a place to break make a text long:
// it may then break anywhere, so that no ticket makes a table wider than a page.
const unbroken = 16

// isolated sets somebody else's text so that its direction marks end with it.
func isolated(s string) template.HTML {
	tag := "<bdi>"
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		if utf8.RuneCountInString(word) > unbroken {
			tag = `<bdi class="long">`
			break
		}
	}
	return template.HTML(tag + template.HTMLEscapeString(s) + "</bdi>")
}

// keyClass keeps a key like OPS-12 on one line; what only claims to be a key may break.
func keyClass(s string) string {
	if utf8.RuneCountInString(s) <= 18 {
		return "key tight"
	}
	return "key"
}
