package jiraapi

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// The vendor's limits of a search.
const (
	defaultPage    = 50
	cloudPage      = 100  // issues with fields
	cloudIDPage    = 5000 // ids or keys alone
	dataCenterPage = 1000
	cloudOrders    = 7
	cloudHistories = 40 // of expand=changelog, the newest
	embedded       = 20 // worklogs, and in Cloud comments, inside an issue
)

func removedSearch(*call) ([]byte, error) {
	return nil, refuse(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")
}

type searchRequest struct {
	JQL           string
	NextPageToken string
	StartAt       int
	MaxResults    *int
	Fields        []string
	Expand        []string
}

func (r searchRequest) changelog() bool { return slices.Contains(r.Expand, "changelog") }

func (c *call) searchRequest() (r searchRequest, err error) {
	if c.Method == http.MethodPost {
		return c.searchBody()
	}
	form := c.URL.Query()
	r.JQL, r.NextPageToken = form.Get("jql"), form.Get("nextPageToken")
	if r.StartAt, err = c.number("startAt", 0); err != nil {
		return r, err
	}
	if form.Has("maxResults") {
		n, err := c.number("maxResults", 0)
		if err != nil {
			return r, err
		}
		r.MaxResults = &n
	}
	r.Fields, r.Expand = list(form["fields"]), list(form["expand"])
	return r, nil
}

// searchBody reads a search that was posted: expand is a text in Cloud and a list
// in Data Center.
func (c *call) searchBody() (r searchRequest, err error) {
	body, err := io.ReadAll(c.Body)
	if err != nil {
		return r, err
	}
	var sent struct {
		JQL           string          `json:"jql"`
		NextPageToken string          `json:"nextPageToken"`
		StartAt       int             `json:"startAt"`
		MaxResults    *int            `json:"maxResults"`
		Fields        []string        `json:"fields"`
		Expand        json.RawMessage `json:"expand"`
	}
	if json.Unmarshal(body, &sent) != nil {
		return r, invalidBody()
	}
	r = searchRequest{JQL: sent.JQL, NextPageToken: sent.NextPageToken, StartAt: sent.StartAt, MaxResults: sent.MaxResults, Fields: sent.Fields}
	if sent.Expand == nil {
		return r, nil
	}
	if c.site.Cloud {
		var expand string
		err = json.Unmarshal(sent.Expand, &expand)
		r.Expand = list([]string{expand})
	} else {
		err = json.Unmarshal(sent.Expand, &r.Expand)
	}
	if err != nil {
		return r, invalidBody()
	}
	return r, nil
}

func list(values []string) []string {
	var all []string
	for _, v := range values {
		for _, one := range strings.Split(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				all = append(all, one)
			}
		}
	}
	return all
}

func (c *call) number(name string, otherwise int) (int, error) {
	text := c.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid("The value '" + text + "' of " + name + " is not a number.")
	}
	return n, nil
}

// run parses a query and gives its issues in its order. The answer is kept until
// the site changes, unless it moves with the clock.
func (c *call) run(jql string) ([]*document, func(a, b *document) int, error) {
	q, err := parseJQL(jql)
	if err != nil {
		return nil, nil, err
	}
	if c.site.Cloud {
		if q.where == nil {
			return nil, nil, invalid("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
		}
		if len(q.order) > cloudOrders {
			return nil, nil, invalid("JQL can be ordered by at most 7 fields.")
		}
	}
	m := &matcher{call: c}
	fits, err := m.node(q.where)
	if err != nil {
		return nil, nil, err
	}
	compare := q.compare
	keep := !m.relative && !c.now.Before(c.index.settled)
	if keep {
		c.index.caching.Lock()
		found, ok := c.index.results[jql]
		c.index.caching.Unlock()
		if ok {
			return found, compare, nil
		}
	}
	found := []*document{}
	for _, e := range c.index.entries {
		if d := e.at(c.now); d != nil && fits(d) {
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, compare)
	if keep {
		c.index.caching.Lock()
		if len(c.index.results) > 16 {
			clear(c.index.results)
		}
		c.index.results[jql] = found
		c.index.caching.Unlock()
	}
	return found, compare, nil
}

// compare orders as the query wants, then by id. Without ORDER BY the newest keys
// come first. The id is the same field as the key in Jira, also here.
func (q *query) compare(a, b *document) int {
	orders := q.order
	if orders == nil {
		orders = []orderBy{{field: "key", desc: true}}
	}
	for _, o := range orders {
		var order int
		switch o.field {
		case "updated", "updateddate":
			order = a.updated.Compare(b.updated)
		case "created", "createddate":
			order = a.created.Compare(b.created)
		default:
			if order = strings.Compare(a.project, b.project); order == 0 {
				order = a.keyNumber - b.keyNumber
			}
		}
		if o.desc {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	switch {
	case a.number < b.number:
		return -1
	case a.number > b.number:
		return 1
	}
	return 0
}

func (c *call) pageSize(asked *int, largest int) int {
	size := defaultPage
	if asked != nil && *asked >= 0 {
		size = *asked
	} else if asked != nil && !c.site.Cloud {
		size = largest
	}
	if c.o.SearchPage > 0 {
		largest = min(largest, c.o.SearchPage)
	}
	return min(size, largest)
}

func searchCloud(c *call) ([]byte, error) {
	r, err := c.searchRequest()
	if err != nil {
		return nil, err
	}
	found, compare, err := c.run(r.JQL)
	if err != nil {
		return nil, err
	}
	if r.NextPageToken != "" {
		last, err := c.readToken(r.NextPageToken, r.JQL)
		if err != nil {
			return nil, err
		}
		found = found[sort.Search(len(found), func(i int) bool { return compare(found[i], last) > 0 }):]
	}
	if len(r.Fields) == 0 {
		r.Fields = []string{"id"}
	}
	idsOnly := !r.changelog() && !slices.ContainsFunc(r.Fields, func(f string) bool { return f != "id" && f != "key" })
	size := c.pageSize(r.MaxResults, cloudPage)
	if idsOnly {
		size = c.pageSize(r.MaxResults, cloudIDPage)
	}
	if size < 1 {
		return nil, invalid("maxResults has to be between 1 and 5000.")
	}
	size = min(size, len(found))
	page, last := found[:size], size == len(found)

	b := []byte(`{"issues":[`)
	chosen := choose(r.Fields, "*navigable")
	for i, d := range page {
		if i > 0 {
			b = append(b, ',')
		}
		if idsOnly && !slices.Contains(r.Fields, "key") {
			b = append(member(append(b, '{'), "id", d.id), '}')
			continue
		}
		b = c.issue(b, d, chosen, !idsOnly, embedded)
		if r.changelog() {
			b = c.changelog(b[:len(b)-1], d.histories, cloudHistories)
			b = append(b, '}')
		}
	}
	b = append(b, ']')
	if !last {
		b = member(b, "nextPageToken", c.writeToken(r.JQL, page[size-1]))
	}
	if c.o.IsLast != IsLastOmitted {
		b = strconv.AppendBool(append(b, `,"isLast":`...), last != (c.o.IsLast == IsLastFalse))
	}
	return append(b, '}'), nil
}

func searchDataCenter(c *call) ([]byte, error) {
	r, err := c.searchRequest()
	if err != nil {
		return nil, err
	}
	found, _, err := c.run(r.JQL)
	if err != nil {
		return nil, err
	}
	size := c.pageSize(r.MaxResults, dataCenterPage)
	b := []byte(`{"expand":"schema,names","startAt":`)
	b = strconv.AppendInt(b, int64(r.StartAt), 10)
	b = strconv.AppendInt(append(b, `,"maxResults":`...), int64(size), 10)
	b = strconv.AppendInt(append(b, `,"total":`...), int64(len(found)), 10)
	b = append(b, `,"issues":[`...)
	if len(r.Fields) == 0 {
		r.Fields = []string{"*navigable"}
	}
	chosen := choose(r.Fields, "*navigable")
	from := min(max(r.StartAt, 0), len(found))
	for i, d := range found[from:min(from+size, len(found))] {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.issue(b, d, chosen, true, 0)
		if r.changelog() {
			b = c.changelog(b[:len(b)-1], d.histories, 0)
			b = append(b, '}')
		}
	}
	return append(b, "]}"...), nil
}
