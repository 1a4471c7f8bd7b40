package ingest

import (
	"strconv"
	"time"
)

// jiraText walks through an answer of Jira.
type jiraText struct{ *jsonText }

func readJira(body []byte) *jiraText { return &jiraText{readJSON(body)} }

// time takes a time in any of the ways in which Jira writes them; of anything
// else the zero time.
func (t *jiraText) time() (time.Time, error) {
	text, err := t.text()
	return jiraTime(text), err
}

// jiraTime reads a time. The bulk endpoint of changelogs alone sends a number:
// milliseconds, in its documentation seconds.
func jiraTime(text string) time.Time {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < 1e11 {
			n *= 1000
		}
		return plausible(time.UnixMilli(n))
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return plausible(at)
		}
	}
	return time.Time{}
}

// plausible leaves out what raw_records cannot hold.
func plausible(at time.Time) time.Time {
	if at = at.UTC(); at.Year() < 1970 || at.Year() > 2200 {
		return time.Time{}
	}
	return at
}

// without is raw less the member that stands from its name to its end.
func without(raw []byte, from, to int) []byte {
	for from > 0 && raw[from-1] != '{' && raw[from-1] != ',' {
		from--
	}
	if raw[from-1] == ',' {
		from--
	} else {
		for raw[to] != '}' && raw[to] != ',' {
			to++
		}
		if raw[to] == ',' {
			to++
		}
	}
	plain := make([]byte, 0, len(raw)-(to-from))
	return append(append(plain, raw[:from]...), raw[to:]...)
}
