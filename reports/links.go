package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// countedRows says at which fragment the rows of a block's own count stand, by
// what the tally counts or by its first word and a slash. The first fragment that
// the page has is taken. A count that is not listed stands beside its rows.
var countedRows = map[string][]string{
	"incidents/began":    {"evidence-incident_count"},
	"gap/began":          {"evidence-incident_count"},
	"gap/unowned":        {"incidents", "evidence-incident_count"},
	"gap/changes":        {"evidence-change_failure_rate"},
	"majors/began":       {"majors", "incidents", "evidence-incident_count"},
	"majors/more":        {"evidence-incident_count"},
	"ageing/open":        {"evidence-time_to_resolve"},
	"finding/old":        {"ageing", "evidence-time_to_resolve"},
	"finding/ended":      {"evidence-time_to_resolve"},
	"changes/completed":  {"evidence-change_failure_rate"},
	"changes/unrecorded": {"evidence-change_failure_rate"},
	"change/":            {"changes", "evidence-change_failure_rate"},
	"repeat/groups":      {"evidence-recurrence_rate_90d"},
	"repeat/":            {"repeats", "tax"},
	"chance/lines":       {"figures"},
	"source/":            {"health"},
}

// wraps are the elements in which a link of ours would stand within something
// that is pressed, drawn or sorted by.
var wraps = map[string]bool{"a": true, "summary": true, "button": true, "svg": true, "thead": true, "title": true}

// sentences are the elements within which one link to the same rows is enough
// for the keyboard: a row of a table, an item, a panel.
var sentences = map[string]bool{"tr": true, "li": true, "figure": true, "p": true, "dl": true, "article": true}

// linkFigures ties each figure of the page's own period to the rows behind it.
// The rows of an earlier period are on that period's page, which may not be there.
func (s *sheet) linkFigures(page []byte) ([]byte, error) {
	ids, err := idsOf(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(page) + len(page)/20)
	var (
		section  string
		within   int             // elements in which nothing is linked
		sentence int             // elements that are open, of those that make a sentence
		seen     map[string]bool // where this sentence links to
		open     bool            // a link of ours
	)
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); err != io.EOF {
				return nil, fmt.Errorf("link the figures: %w", err)
			}
			return out.Bytes(), nil
		}
		raw := tokens.Raw()
		if kind != html.StartTagToken && kind != html.EndTagToken {
			out.Write(raw)
			continue
		}
		at := out.Len()
		out.Write(raw) // before the names are read: the tokenizer lowers them in place
		name, more := tokens.TagName()
		tag := string(name)
		if kind == html.EndTagToken {
			switch {
			case wraps[tag]:
				within--
			case sentences[tag]:
				sentence--
			case tag == "section":
				section = ""
			case tag == "data" && open:
				out.WriteString("</a>")
				open = false
			}
			continue
		}
		if sentences[tag] {
			if sentence == 0 {
				seen = map[string]bool{}
			}
			sentence++
		}
		if wraps[tag] {
			within++
		}
		if tag != "data" && tag != "a" && tag != "section" {
			continue
		}
		attributes := map[string]string{}
		for more {
			var key, value []byte
			key, value, more = tokens.TagAttr()
			attributes[string(key)] = string(value)
		}
		switch tag {
		case "section":
			section = attributes["id"]
		case "a":
			if goal, here := strings.CutPrefix(attributes["href"], "#"); here && seen != nil {
				seen[goal] = true
			}
		case "data":
			goal := s.goal(attributes, ids)
			if goal == "" || goal == section || section == "evidence" || within > 0 {
				continue
			}
			start := append([]byte{}, out.Bytes()[at:]...)
			out.Truncate(at)
			out.WriteString(`<a class="proof" href="#` + html.EscapeString(goal) + `"`)
			if sentence > 0 && seen[goal] {
				out.WriteString(` tabindex="-1"`)
			}
			out.WriteByte('>')
			out.Write(start)
			if sentence > 0 {
				seen[goal] = true
			}
			open = true
		}
	}
}

// goal is the fragment of the rows behind a number; empty where there is none.
func (s *sheet) goal(attributes map[string]string, ids map[string]bool) string {
	if mark := strings.Split(attributes["data-kpi"], "/"); len(mark) == 6 {
		own := mark[2] == s.period.Kind && mark[3] == s.period.Start.Format(time.DateOnly)
		// What is normal is read from the periods before.
		if goal := "evidence-" + mark[0]; own && attributes["data-part"] != "normal" && ids[goal] {
			return goal
		}
		return ""
	}
	what := attributes["data-tally"]
	goals, listed := countedRows[what]
	if !listed {
		first, _, _ := strings.Cut(what, "/")
		goals = countedRows[first+"/"]
	}
	for _, goal := range goals {
		if ids[goal] {
			return goal
		}
	}
	return ""
}

// idsOf are the fragments of a page.
func idsOf(page []byte) (map[string]bool, error) {
	ids := map[string]bool{}
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if err := tokens.Err(); err != io.EOF {
				return nil, fmt.Errorf("list the fragments: %w", err)
			}
			return ids, nil
		case html.StartTagToken:
			for _, more := tokens.TagName(); more; {
				var key, value []byte
				if key, value, more = tokens.TagAttr(); string(key) == "id" {
					ids[string(value)] = true
				}
			}
		}
	}
}
