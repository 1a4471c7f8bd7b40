package jiraapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// selection is what the parameter fields asks for.
type selection struct {
	all, navigable bool
	with, without  map[string]bool
}

// choose reads a list of fields; one that only leaves some out stands on the
// fields that are given otherwise.
func choose(fields []string, otherwise string) selection {
	s := selection{with: map[string]bool{}, without: map[string]bool{}}
	if !slices.ContainsFunc(fields, func(f string) bool { return !strings.HasPrefix(f, "-") }) {
		fields = append([]string{otherwise}, fields...)
	}
	for _, f := range fields {
		switch {
		case f == "*all":
			s.all = true
		case f == "*navigable":
			s.navigable = true
		case strings.HasPrefix(f, "-"):
			s.without[f[1:]] = true
		default:
			s.with[f] = true
		}
	}
	return s
}

func (s selection) has(field string) bool {
	if s.without[field] {
		return false
	}
	if s.all || s.with[field] {
		return true
	}
	switch field {
	case "comment", "worklog", "attachment", "timetracking":
		return false
	}
	return s.navigable
}

func (c *call) api() string {
	if c.rich {
		return "/rest/api/3"
	}
	return "/rest/api/2"
}

// issue writes one version of an issue; comments above 0 is the largest number of
// those inside it.
func (c *call) issue(b []byte, d *document, s selection, withFields bool, comments int) []byte {
	b = member(append(b, '{'), "expand", "operations,versionedRepresentations,editmeta,changelog,renderedFields")
	b = member(b, "id", d.id)
	b = member(b, "self", c.site.BaseURL+c.api()+"/issue/"+d.id)
	b = member(b, "key", d.key)
	if !withFields {
		return append(b, '}')
	}
	b = append(b, `,"fields":{`...)
	more := func() {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
	}
	for i, name := range d.names {
		if !s.has(name) {
			continue
		}
		more()
		if rich := d.rich[name]; c.rich && rich != nil {
			b = append(b, rich...)
		} else {
			b = append(b, d.fields[i]...)
		}
	}
	if s.has("comment") {
		more()
		all := c.comments(d)
		page := all
		if comments > 0 {
			page = all[:min(comments, len(all))]
		}
		b = append(b, `"comment":`...)
		b = c.commentPage(b, d, page, 0, len(page), len(all))
	}
	if s.has("worklog") {
		more()
		logs := c.index.logs[d.id]
		b = append(b, `"worklog":`...)
		b = c.worklogPage(b, logs[:min(embedded, len(logs))], 0, embedded, len(logs))
	}
	return append(b, "}}"...)
}

func (c *call) comments(d *document) []json.RawMessage {
	if c.rich {
		return d.comments[1]
	}
	return d.comments[0]
}

func (c *call) commentPage(b []byte, d *document, page []json.RawMessage, startAt, maxResults, total int) []byte {
	b = append(b, `{"comments":[`...)
	for i, comment := range page {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, comment...)
	}
	b = append(b, ']')
	b = member(b, "self", c.site.BaseURL+c.api()+"/issue/"+d.id+"/comment")
	return append(paging(b, startAt, maxResults, total), '}')
}

func paging(b []byte, startAt, maxResults, total int) []byte {
	b = strconv.AppendInt(append(b, `,"maxResults":`...), int64(maxResults), 10)
	b = strconv.AppendInt(append(b, `,"total":`...), int64(total), 10)
	return strconv.AppendInt(append(b, `,"startAt":`...), int64(startAt), 10)
}

func (c *call) entry() (*entry, error) {
	if e := c.index.issue(c.PathValue("id"), true); e != nil {
		return e, nil
	}
	return nil, noSuchIssue()
}

// issueByKey gives an issue from the database: without the lag of a search, with
// all comments, and by a key that it had as well.
func issueByKey(c *call) ([]byte, error) {
	e, err := c.entry()
	if err != nil {
		return nil, err
	}
	form := c.URL.Query()
	b := c.issue(nil, e.now, choose(list(form["fields"]), "*all"), true, 0)
	if slices.Contains(list(form["expand"]), "changelog") {
		most := 0
		if c.site.Cloud {
			most = changelogPage
		}
		b = append(c.changelog(b[:len(b)-1], e.now.histories, most), '}')
	}
	return b, nil
}

// issueComments pages comments, at most 100 at once in Cloud.
func issueComments(c *call) ([]byte, error) {
	e, err := c.entry()
	if err != nil {
		return nil, err
	}
	all := c.comments(e.now)
	from, size, err := c.window(len(all), commentPage)
	if err != nil {
		return nil, err
	}
	return c.commentPage(nil, e.now, all[from:min(from+size, len(all))], from, size, len(all)), nil
}

const commentPage = 100

// window reads startAt and maxResults; Cloud cuts the page, Data Center does not.
func (c *call) window(total, largest int) (from, size int, err error) {
	if from, err = c.number("startAt", 0); err != nil {
		return 0, 0, err
	}
	otherwise := largest
	if !c.site.Cloud {
		otherwise = max(total, 1)
	}
	if size, err = c.number("maxResults", otherwise); err != nil {
		return 0, 0, err
	}
	if c.site.Cloud {
		size = min(size, largest)
	}
	return min(max(from, 0), total), max(size, 0), nil
}
