package oracle

import (
	"slices"
	"strings"
	"unicode"
)

// Words that name no problem. The worlds use these and no other such words.
var (
	stopWords = []string{"the", "and", "for", "with", "from", "some", "are", "was", "has"}
	dateWords = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
		"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
		"mon", "tue", "wed", "thu", "fri", "sat", "sun", "utc", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// titleKey is what is left of a title without its boilerplate, ids, hosts,
// numbers, dates and the names of services and teams: at least two words of
// three letters or more.
func (c *Company) titleKey(title string) string {
	text := strings.ToLower(title)
	phrases := slices.Clone(c.Config.Recurrence.Boilerplate)
	slices.SortFunc(phrases, func(a, b string) int { return len(b) - len(a) })
	for _, p := range phrases {
		if rest, ok := strings.CutPrefix(text, strings.ToLower(p)+" "); ok {
			text = rest
			break
		}
	}
	var words []string
	for _, token := range strings.Fields(text) {
		token = strings.Trim(token, "()[],;:!?")
		if c.names[token] || strings.ContainsAny(token, "@./") || strings.IndexFunc(token, unicode.IsDigit) >= 0 {
			continue
		}
		for _, word := range strings.FieldsFunc(token, func(r rune) bool { return !unicode.IsLetter(r) }) {
			if len([]rune(word)) >= 3 && !slices.Contains(stopWords, word) && !slices.Contains(dateWords, word) && !c.names[word] {
				words = append(words, word)
			}
		}
	}
	different := slices.Clone(words)
	slices.Sort(different)
	if len(slices.Compact(different)) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}
