package jiraapi

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// The vendor's limits of the changelog endpoints.
const (
	changelogPage   = 100
	bulkIssues      = 1000
	bulkFields      = 10
	bulkPage        = 10000
	bulkDefaultPage = 1000
)

// changelog writes the expanded changelog of an issue. Cloud gives the newest
// entries first and not more than most of them, but the true total.
func (c *call) changelog(b []byte, all []History, most int) []byte {
	shown := all
	if c.site.Cloud {
		if most > 0 && len(shown) > most {
			shown = shown[len(shown)-most:]
		}
		shown = slices.Clone(shown)
		slices.Reverse(shown)
	}
	b = append(b, `,"changelog":{"histories":[`...)
	b = c.histories(b, shown)
	return append(paging(append(b, ']'), 0, len(shown), len(all)), '}')
}

func (c *call) histories(b []byte, all []History) []byte {
	for i := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.index.pen.history(b, &all[i], false, nil)
	}
	return b
}

// issueChangelog pages the changelog of one issue, oldest first.
func issueChangelog(c *call) ([]byte, error) {
	e, err := c.entry()
	if err != nil {
		return nil, err
	}
	all := e.now.histories
	from, size, err := c.window(len(all), changelogPage)
	if err != nil {
		return nil, err
	}
	to := min(from+size, len(all))
	b := append(c.histories([]byte(`{"values":[`), all[from:to]), ']')
	b = member(b, "self", c.site.BaseURL+c.URL.String())
	b = paging(b, from, size, len(all))
	if to == len(all) {
		return append(b, `,"isLast":true}`...), nil
	}
	return append(b, `,"isLast":false}`...), nil
}

// bulkChangelog gives the changelogs of many issues, one page being so many
// entries of all of them, oldest first: those of one issue may lie on two pages.
// Issues that are not there are left out without a word.
func bulkChangelog(c *call) ([]byte, error) {
	body, err := io.ReadAll(c.Body)
	if err != nil {
		return nil, err
	}
	var sent struct {
		IssueIDsOrKeys []string `json:"issueIdsOrKeys"`
		FieldIDs       []string `json:"fieldIds"`
		MaxResults     *int     `json:"maxResults"`
		NextPageToken  string   `json:"nextPageToken"`
	}
	if json.Unmarshal(body, &sent) != nil {
		return nil, invalidBody()
	}
	size := bulkDefaultPage
	if sent.MaxResults != nil {
		size = *sent.MaxResults
	}
	switch {
	case len(sent.IssueIDsOrKeys) == 0:
		return nil, invalid("At least one issue ID or key has to be given.")
	case len(sent.IssueIDsOrKeys) > bulkIssues:
		return nil, invalid("You may only load changelogs for a maximum of 1,000 issues by ID or key at a time.")
	case len(sent.FieldIDs) > bulkFields:
		return nil, invalid("You may only filter changelogs by a maximum of 10 field IDs at a time.")
	case size < 1 || size > bulkPage:
		return nil, invalid("maxResults has to be between 1 and 10000.")
	}
	fits := func(i Item) bool { return len(sent.FieldIDs) == 0 || slices.Contains(sent.FieldIDs, i.FieldID) }

	type line struct {
		issue   *document
		history *History
	}
	var lines []line
	seen := map[*entry]bool{}
	for _, id := range sent.IssueIDsOrKeys {
		e := c.index.issue(id, false)
		if e == nil || seen[e] {
			continue
		}
		seen[e] = true
		for i := range e.now.histories {
			if h := &e.now.histories[i]; slices.ContainsFunc(h.Items, fits) {
				lines = append(lines, line{e.now, h})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(a.history.Created.Compare(b.history.Created), cmp.Compare(a.issue.number, b.issue.number))
	})

	question := digest(strings.Join(sent.IssueIDsOrKeys, ",") + "/" + strings.Join(sent.FieldIDs, ","))
	from := 0
	if sent.NextPageToken != "" {
		raw, err := base64.RawURLEncoding.DecodeString(sent.NextPageToken)
		if err != nil || len(raw) != 12 || !bytes.Equal(raw[:8], question) {
			return nil, invalid("The provided next page token is invalid or expired.")
		}
		from = min(int(binary.BigEndian.Uint32(raw[8:])), len(lines))
	}
	to := min(from+size, len(lines))

	page := slices.Clone(lines[from:to])
	slices.SortStableFunc(page, func(a, b line) int { return cmp.Compare(a.issue.number, b.issue.number) })
	b := []byte(`{"issueChangeLogs":[`)
	for i, l := range page {
		switch {
		case i == 0:
			b = append(b, `{"changeHistories":[`...)
		case page[i-1].issue != l.issue:
			b = append(b, `,{"changeHistories":[`...)
		default:
			b = append(b, ',')
		}
		b = c.index.pen.history(b, l.history, true, fits)
		if i == len(page)-1 || page[i+1].issue != l.issue {
			b = append(member(append(b, ']'), "issueId", l.issue.id), '}')
		}
	}
	b = append(b, ']')
	if to < len(lines) {
		b = member(b, "nextPageToken", base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(question, uint32(to))))
	}
	return append(b, '}'), nil
}
