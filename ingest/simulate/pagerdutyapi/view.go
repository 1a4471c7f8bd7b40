package pagerdutyapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// view is the account made ready to be served: sorted, and with what was
// rendered once. An update of the account throws it away.
type view struct {
	account *Account
	zone    *time.Location // the account's

	incidents []*incidentRow            // oldest first
	byID      map[string]*incidentRow   // by id and by number, as the API accepts both
	entries   []*entryRow               // oldest first
	changes   []*changeRow              // oldest first
	zones     map[string]*time.Location // where a user lives, by id
	lists     map[string][]reference    // the reference lists
}

type incidentRow struct {
	*Incident
	created time.Time
	entries []*entryRow // oldest first
	body    cached
	trigger cached // the reference to the first log entry
	links   cached // external_references
}

type entryRow struct {
	*LogEntry
	incident *incidentRow
	at       time.Time
	body     cached
}

type changeRow struct {
	*ChangeEvent
	at   time.Time
	body cached
}

// cached is JSON that is rendered when it is first asked for. Two requests may
// both render it, which does no harm.
type cached struct{ body atomic.Pointer[[]byte] }

func (c *cached) get(render func() []byte) []byte {
	if b := c.body.Load(); b != nil {
		return *b
	}
	b := render()
	c.body.Store(&b)
	return b
}

func newView(a *Account) *view {
	v := &view{account: a, zone: time.UTC, byID: map[string]*incidentRow{}, zones: map[string]*time.Location{}}
	if a.Zone != "" {
		v.zone = location(a.Zone)
	}
	for _, u := range a.Users {
		v.zones[u.ID] = location(u.Zone)
	}
	for _, in := range a.Incidents {
		row := &incidentRow{Incident: in, created: seconds(in.Created)}
		for i := range in.Entries {
			e := &in.Entries[i]
			row.entries = append(row.entries, &entryRow{LogEntry: e, incident: row, at: seconds(e.At)})
		}
		slices.SortStableFunc(row.entries, func(a, b *entryRow) int { return a.at.Compare(b.at) })
		v.incidents = append(v.incidents, row)
		v.byID[in.ID] = row
		v.byID[strconv.Itoa(in.Number)] = row
	}
	slices.SortStableFunc(v.incidents, func(a, b *incidentRow) int { return a.created.Compare(b.created) })
	for _, row := range v.incidents {
		v.entries = append(v.entries, row.entries...)
	}
	slices.SortStableFunc(v.entries, func(a, b *entryRow) int { return a.at.Compare(b.at) })
	for i := range a.ChangeEvents {
		c := &a.ChangeEvents[i]
		v.changes = append(v.changes, &changeRow{ChangeEvent: c, at: seconds(c.At)})
	}
	slices.SortStableFunc(v.changes, func(a, b *changeRow) int { return a.at.Compare(b.at) })
	v.lists = v.references()
	return v
}

func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("pagerdutyapi: the account has an unknown time zone: " + err.Error())
	}
	return loc
}

// seconds is the precision that PagerDuty keeps.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second).UTC() }

// span finds the rows of a period in a list of n rows sorted by time.
func span(n int, at func(i int) time.Time, p period) (from, to int) {
	from = search(n, func(i int) bool { return !at(i).Before(p.since) })
	to = n
	if !p.until.IsZero() {
		to = search(n, func(i int) bool { return !at(i).Before(p.until) })
	}
	return from, max(from, to)
}

// search gives the first of n rows for which reached holds, else n.
func search(n int, reached func(i int) bool) int {
	lo, hi := 0, n
	for lo < hi {
		if mid := (lo + hi) / 2; reached(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

func render(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // an account holds nothing that JSON cannot, but for odd custom_details
	}
	return b
}

// open is an object without its closing brace, to which members can be added.
func open(object []byte) []byte { return object[:len(object)-1] }
