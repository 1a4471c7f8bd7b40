package jiraapi

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"time"
)

// The vendor's limits of the worklog endpoints.
const (
	worklogPage  = 5000
	worklogFeed  = 1000
	worklogBatch = 1000
	worklogDelay = time.Minute // the feeds are silent about the last minute
)

func (c *call) worklogPage(b []byte, logs []*Worklog, startAt, maxResults, total int) []byte {
	b = append(b, `{"worklogs":[`...)
	b = append(c.worklogs(b, logs), ']')
	return append(paging(b, startAt, maxResults, total), '}')
}

func (c *call) worklogs(b []byte, logs []*Worklog) []byte {
	for i, w := range logs {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.index.pen.worklog(b, c.rich, w)
	}
	return b
}

// issueWorklog gives what was booked on one issue. Data Center sends everything
// at once and knows no pages.
func issueWorklog(c *call) ([]byte, error) {
	e, err := c.entry()
	if err != nil {
		return nil, err
	}
	logs := c.index.logs[e.now.id]
	if !c.site.Cloud {
		return c.worklogPage(nil, logs, 0, len(logs), len(logs)), nil
	}
	from, size, err := c.window(len(logs), worklogPage)
	if err != nil {
		return nil, err
	}
	return c.worklogPage(nil, logs[from:min(from+size, len(logs))], from, size, len(logs)), nil
}

// change is a line of the feeds.
type change struct {
	id int64
	at time.Time
}

func sortFeed(all []change) {
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	})
}

func worklogUpdated(c *call) ([]byte, error) { return c.feed(c.index.booked) }
func worklogDeleted(c *call) ([]byte, error) { return c.feed(c.index.unbooked) }

// feed writes a page of changes from since on, oldest first. The next page begins
// with the time of the last line of this one, so that line comes again.
func (c *call) feed(all []change) ([]byte, error) {
	since := int64(0)
	if text := c.URL.Query().Get("since"); text != "" {
		var err error
		if since, err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, invalid("The value '" + text + "' of since is not a number of milliseconds.")
		}
	}
	until := c.now.Add(-worklogDelay)
	all = all[sort.Search(len(all), func(i int) bool { return all[i].at.UnixMilli() >= since }):]
	all = all[:sort.Search(len(all), func(i int) bool { return all[i].at.After(until) })]
	page := all[:min(worklogFeed, len(all))]
	newest := since
	b := []byte(`{"values":[`)
	for i, x := range page {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"worklogId":`...), x.id, 10)
		newest = x.at.UnixMilli()
		b = strconv.AppendInt(append(b, `,"updatedTime":`...), newest, 10)
		b = append(b, `,"properties":[]}`...)
	}
	b = strconv.AppendInt(append(b, `],"since":`...), since, 10)
	b = strconv.AppendInt(append(b, `,"until":`...), newest, 10)
	here := c.site.BaseURL + c.URL.Path + "?since="
	b = member(b, "self", here+strconv.FormatInt(since, 10))
	if len(page) < len(all) {
		b = member(b, "nextPage", here+strconv.FormatInt(newest, 10))
		return append(b, `,"lastPage":false}`...), nil
	}
	return append(b, `,"lastPage":true}`...), nil
}

// worklogList gives worklogs by their ids; what is gone or hidden is left out.
func worklogList(c *call) ([]byte, error) {
	body, err := io.ReadAll(c.Body)
	if err != nil {
		return nil, err
	}
	var sent struct {
		IDs []int64 `json:"ids"`
	}
	if json.Unmarshal(body, &sent) != nil || sent.IDs == nil {
		return nil, invalidBody()
	}
	if len(sent.IDs) > worklogBatch {
		return nil, refuse(http.StatusBadRequest, "Too many worklog ids: at most 1000 can be asked for at once.")
	}
	var found []*Worklog
	for _, id := range sent.IDs {
		if w := c.index.byLog[id]; w != nil && w.Deleted.IsZero() {
			if e := c.index.byID[w.IssueID]; e != nil && !e.hidden {
				found = append(found, w)
			}
		}
	}
	return append(c.worklogs([]byte{'['}, found), ']'), nil
}
