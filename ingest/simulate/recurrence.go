package simulate

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Rungs of the ladder on which a repeat is recognised, surest first.
const (
	RungProblem = "problem"
	RungAlert   = "alert key"
	RungCause   = "service and cause"
	RungTitle   = "service and title"
)

var rungs = []string{RungProblem, RungAlert, RungCause, RungTitle}

// recurrence counts the incidents that repeat an earlier one of the same group
// which was resolved at most a window before. Cases that are left out neither
// count nor serve as the earlier one. Unknown: created within a window of the
// start of the history, or without anything to compare.
func (b books) recurrence(window time.Duration) map[Slot]Rate {
	figures := map[Slot]Rate{}
	plain := b.catalogueWords()
	resolved := map[string][]time.Time{} // group → resolutions in it
	groups := make([]map[string][]string, len(b.cases))
	for n, c := range b.cases {
		if c.leftOut != "" {
			continue
		}
		groups[n] = c.groups(plain)
		if c.Resolved.IsZero() || c.Resolved.Before(c.start) {
			continue
		}
		for _, names := range groups[n] {
			for _, g := range names {
				resolved[g] = append(resolved[g], c.Resolved)
			}
		}
	}
	for n, c := range b.cases {
		if c.leftOut != "" {
			continue
		}
		slots := b.slots(c.start, c.dims())
		if len(groups[n]) == 0 || c.start.Before(b.world.From.Add(window)) {
			add(figures, slots, func(f *Rate) { f.Unknown++ })
			continue
		}
		rung := firstRung(groups[n], resolved, c.start, window)
		add(figures, slots, func(f *Rate) {
			f.N++
			if rung != "" {
				f.K++
				tally(&f.Basis, rung)
			}
		})
	}
	return figures
}

// firstRung is the surest rung on which something was resolved in the window
// before start. One resolved at the very moment counts; an incident that took
// no time at all would otherwise repeat itself, but none in a history does.
func firstRung(groups map[string][]string, resolved map[string][]time.Time, start time.Time, window time.Duration) string {
	for _, rung := range rungs {
		for _, g := range groups[rung] {
			for _, t := range resolved[g] {
				if gap := start.Sub(t); gap >= 0 && gap <= window {
					return rung
				}
			}
		}
	}
	return ""
}

// groups are the case's groups by rung. Empty never equals empty; of several
// services one shared one suffices.
func (c incidentCase) groups(plain map[string]bool) map[string][]string {
	all := map[string][]string{}
	if c.ProblemKey != "" {
		all[RungProblem] = []string{"problem\x00" + c.ProblemKey}
	}
	if c.AlertKey != "" {
		all[RungAlert] = []string{"alert\x00" + c.AlertKey}
	}
	title := titleKey(c.Title, plain)
	for _, s := range c.Services {
		if c.Cause != "" {
			all[RungCause] = append(all[RungCause], "cause\x00"+s+"\x00"+c.Cause)
		}
		if title != "" {
			all[RungTitle] = append(all[RungTitle], "title\x00"+s+"\x00"+title)
		}
	}
	return all
}

// stopWords say nothing of what broke; boilerplate is what the config names as such.
var (
	stopWords = words(`the and for with from into our are was has have been being not all any some due via this that when while
		incident incidents issue issues problem problems disruption disruptions outage outages degraded degradation performance
		availability partial major minor critical service services several multiple various intermittent elevated increased
		experiencing affecting affected impacting impacted impact users user customers customer investigating alert alarm prod production
		january february march april may june july august september october november december
		jan feb mar apr jun jul aug sep sept oct nov dec
		monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun utc`)
	boilerplate = []string{"disruption with", "incident with", "issue with"}
	named       = regexp.MustCompile(`[0-9_@/]|\pL\.\pL`) // a host, an id, a number, an address
)

// titleKey is what a title says apart from the occurrence: in lower case, without
// boilerplate and without each blank-separated token that is a name or a number,
// the rest cut into runs of letters, and of these kept, in order and once, all
// of three letters or more that are no stop word and no part of a service's or
// team's name. Fewer than two words left say nothing.
func titleKey(title string, plain map[string]bool) string {
	title = strings.ToLower(title)
	for _, b := range boilerplate {
		title = strings.ReplaceAll(title, b, " ")
	}
	var kept []string
	for token := range strings.FieldsSeq(title) {
		if named.MatchString(token) {
			continue
		}
		for word := range strings.FieldsFuncSeq(token, func(r rune) bool { return !unicode.IsLetter(r) }) {
			if len([]rune(word)) >= 3 && !stopWords[word] && !plain[word] && !slices.Contains(kept, word) {
				kept = append(kept, word)
			}
		}
	}
	if len(kept) < 2 {
		return ""
	}
	return strings.Join(kept, " ")
}

// catalogueWords are the words of which the names of services and teams are
// made, as far as an incident bears them.
func (b books) catalogueWords() map[string]bool {
	var names []string
	for _, c := range b.cases {
		names = append(append(names, c.Services...), c.Team)
	}
	return words(strings.ToLower(strings.ReplaceAll(strings.Join(names, " "), "-", " ")))
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}
