package jiraapi

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// entry is an issue with the version before, which searches show until the
// newest has arrived in the index.
type entry struct {
	now, before *document
	hidden      bool
	formerly    []string // keys that it had
}

// at is what a search finds of the issue.
func (e *entry) at(now time.Time) *document {
	switch {
	case e.hidden:
		return nil
	case !now.Before(e.now.found):
		return e.now
	}
	return e.before
}

// index is the site as it was after one Update.
type index struct {
	pen      pen
	zone     *time.Location
	entries  []*entry
	byID     map[string]*entry
	byKey    map[string]*entry
	byOldKey map[string]*entry
	byLog    map[int64]*Worklog
	logs     map[string][]*Worklog // of an issue, oldest first
	booked   []change              // the feeds of worklogs, oldest first
	unbooked []change
	projects map[string]bool // known: false when it has hidden issues only
	settled  time.Time       // every version is found from here on

	caching sync.Mutex
	results map[string][]*document
}

func newIndex(site *Site, old *index, lag time.Duration, now time.Time) *index {
	zone, err := time.LoadLocation(site.Zone)
	if err != nil {
		panic("jiraapi: Site.Zone: " + err.Error())
	}
	x := &index{
		pen: newPen(site, zone), zone: zone,
		byID: map[string]*entry{}, byKey: map[string]*entry{}, byOldKey: map[string]*entry{},
		byLog: map[int64]*Worklog{}, logs: map[string][]*Worklog{},
		projects: map[string]bool{}, results: map[string][]*document{},
	}
	for _, i := range site.Issues {
		x.add(i, old, lag, now)
	}
	if old != nil { // a project stays when its last issue is deleted
		for key := range old.projects {
			if _, ok := x.projects[key]; !ok {
				x.projects[key] = true
			}
		}
	}
	for _, key := range site.Projects {
		x.projects[strings.ToLower(key)] = true
	}
	for _, w := range site.Worklogs {
		id, err := strconv.ParseInt(w.ID, 10, 64)
		if err != nil {
			panic("jiraapi: a worklog's id is a number, not " + w.ID)
		}
		x.byLog[id] = w
		if !w.Deleted.IsZero() {
			x.unbooked = append(x.unbooked, change{id, w.Deleted})
			continue
		}
		x.logs[w.IssueID] = append(x.logs[w.IssueID], w)
		if e := x.byID[w.IssueID]; e != nil && !e.hidden {
			x.booked = append(x.booked, change{id, w.Updated})
		}
	}
	sortFeed(x.booked)
	sortFeed(x.unbooked)
	for _, logs := range x.logs {
		slices.SortStableFunc(logs, func(a, b *Worklog) int { return a.Created.Compare(b.Created) })
	}
	return x
}

func (x *index) add(i *Issue, old *index, lag time.Duration, now time.Time) {
	e := &entry{hidden: i.Hidden}
	var was *entry
	if old != nil {
		was = old.byID[i.ID]
	}
	switch {
	case was == nil:
		e.now = newDocument(x.pen, i, lag)
	case !was.now.stale(i) && old.pen.same(x.pen):
		e.now, e.before, e.formerly = was.now, was.before, was.formerly
	default:
		e.now, e.formerly = newDocument(x.pen, i, lag), was.formerly
		if lag > 0 {
			if e.before = was.before; !now.Before(was.now.found) {
				e.before = was.now
			}
		}
		if was.now.key != i.Key {
			e.formerly = append(slices.Clip(e.formerly), was.now.key)
		}
	}
	i.touched = false
	x.entries = append(x.entries, e)
	x.byID[i.ID] = e
	x.byKey[i.Key] = e
	for _, key := range e.formerly {
		x.byOldKey[key] = e
	}
	for _, h := range i.Histories {
		for _, item := range h.Items {
			if item.Field == "Key" {
				x.byOldKey[cmp.Or(item.FromString, item.From)] = e
			}
		}
	}
	// JQL knows a project by its key, its name and its id
	for _, word := range e.now.projectIs {
		x.projects[word] = x.projects[word] || !i.Hidden
	}
	if e.now.found.After(x.settled) {
		x.settled = e.now.found
	}
}

// issue is an issue by its id, its key or, as only /issue does it, a key that it
// had before it was moved.
func (x *index) issue(idOrKey string, old bool) *entry {
	e := x.byID[idOrKey]
	if e == nil {
		e = x.byKey[strings.ToUpper(idOrKey)]
	}
	if e == nil && old {
		e = x.byOldKey[strings.ToUpper(idOrKey)]
	}
	if e == nil || e.hidden {
		return nil
	}
	return e
}
