package ingest

import (
	"strings"
	"time"
)

// where is the JQL for all that the config wants, and more conditions.
func (s *jiraSource) where(conditions ...string) string {
	var all []string
	if len(s.Projects) > 0 {
		quoted := make([]string, len(s.Projects))
		for i, key := range s.Projects {
			quoted[i] = quoteJQL(key)
		}
		all = append(all, "project in ("+strings.Join(quoted, ", ")+")")
	}
	if s.JQL != "" {
		all = append(all, "("+s.JQL+")")
	}
	return strings.Join(append(all, conditions...), " AND ")
}

// narrowed says that the config leaves issues out that the token may see.
func (s *jiraSource) narrowed() bool { return len(s.Projects) > 0 || s.JQL != "" }

func quoteJQL(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// updatedSince is JQL for what has changed since a moment. JQL knows minutes of
// the account's own wall clock: the condition may reach further back, never less
// far. There is no upper bound: what changes while it is paged must not drop out.
func (s *jiraSource) updatedSince(at time.Time) string {
	zone := s.zone
	if zone == nil {
		// The wall clock is a day off at most, wherever it hangs.
		at, zone = at.Add(-24*time.Hour), time.UTC
	}
	return "updated >= " + quoteJQL(twice(at, zone).In(zone).Format("2006/01/02 15:04"))
}

// twice steps back where clocks are put back around a moment: a wall clock's
// time of that hour means two moments, and the answer may begin at the later.
func twice(at time.Time, zone *time.Location) time.Time {
	const near = 6 * time.Hour
	_, before := at.Add(-near).In(zone).Zone()
	_, after := at.Add(near).In(zone).Zone()
	if before > after {
		return at.Add(-2 * time.Duration(before-after) * time.Second)
	}
	return at
}
