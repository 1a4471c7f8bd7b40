package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// jiraBooked is how many worklogs one request gives by their ids.
const jiraBooked = 1000

// booked reads the two feeds of worklogs. They are a minute late; the overlap of
// two syncs is longer. They know no projects: what belongs to issues that the
// config leaves out is dropped here.
func (s *jiraSource) booked(ctx context.Context) error {
	err := s.sync(ctx, jiraWorklogs, s.way(), s.pullWorklogs)
	if err == nil {
		err = s.sync(ctx, jiraUnbooked, s.way(), s.pullUnbooked)
	}
	if refused(err, http.StatusNotFound) {
		// Time tracking is switched off, or an old version lacks the feeds.
		s.feeds = s.feeds[:1]
		s.warn("this Jira has no feed of worklogs (%v): time spent is left out", err)
		return nil
	}
	return err
}

// jiraSince is where the next page of a feed of worklogs begins.
type jiraSince struct {
	Since int64 `json:"since"` // in milliseconds
}

func (c jiraSince) json() json.RawMessage {
	text, _ := json.Marshal(c) // a number
	return text
}

// pullWorklogs asks for the ids of what changed, then for the worklogs by their
// ids.
func (s *jiraSource) pullWorklogs(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	at := jiraSince{from.UnixMilli()}
	if cursor == nil {
		if err := s.joined(ctx, land); err != nil {
			return err
		}
	} else if err := json.Unmarshal(cursor, &at); err != nil {
		at = jiraSince{from.UnixMilli()} // only another program's
	}

	ctx, cancel := context.WithCancel(ctx)
	var busy sync.WaitGroup
	defer busy.Wait()
	defer cancel()
	type logs struct {
		jiraRead
		cursor json.RawMessage
	}
	pages := make(chan logs, 1)
	busy.Go(func() {
		defer close(pages)
		var ids []json.RawMessage
		err := s.worklogFeed(ctx, "updated", at.Since, func(page []jiraLogID, since int64, last bool) error {
			for _, w := range page {
				ids = append(ids, w.raw)
			}
			// Whole batches only, over the ends of the feed's pages.
			for len(ids) >= jiraBooked || last && len(ids) > 0 {
				n := min(len(ids), jiraBooked)
				records, err := s.worklogs(ctx, ids[:n])
				if err != nil {
					return err
				}
				// What is left of the ids begins on this page.
				if ids = ids[n:]; !send(ctx, pages, logs{jiraRead{records: records}, jiraSince{since}.json()}) {
					return ctx.Err()
				}
			}
			return nil
		})
		if err != nil {
			send(ctx, pages, logs{jiraRead: jiraRead{err: err}})
		}
	})
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		records, err := s.wanted(ctx, p.records)
		if err != nil {
			return err
		}
		if err := land(records, p.cursor); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// jiraLogID is a line of a feed of worklogs.
type jiraLogID struct {
	raw json.RawMessage // the id, a number
	at  string
}

// worklogFeed pages a feed from a moment on. take gets the lines that the page
// before did not have, the moment where the page begins, and whether it is the
// last one.
func (s *jiraSource) worklogFeed(ctx context.Context, name string, since int64, take func(page []jiraLogID, since int64, last bool) error) error {
	before := map[string]string{}
	for stuck := false; ; {
		const path = "rest/api/2/worklog/"
		body, err := s.get(ctx, path+"%s?since=%d", name, since)
		if err != nil {
			return err
		}
		var page []jiraLogID
		until, last, listed := -1, false, false
		t := readJira(body)
		_, _, err = t.object(func(member []byte) (err error) {
			switch string(member) {
			case `"values"`:
				listed, err = t.array(func() error {
					id, err := t.logID()
					page = append(page, id)
					return err
				})
			case `"until"`:
				until, err = t.number()
			case `"lastPage"`:
				var v []byte
				v, err = t.value()
				last = string(v) == "true"
			}
			return err
		})
		if err == nil && !listed {
			err = errors.New("it has no values")
		}
		if err != nil {
			return s.noJira(path+name, err)
		}
		seen := make(map[string]string, len(page))
		var fresh []jiraLogID
		for _, w := range page {
			if at, known := before[string(w.raw)]; len(w.raw) > 0 && (!known || at != w.at) {
				fresh = append(fresh, w)
			}
			seen[string(w.raw)] = w.at
		}
		if err := take(fresh, since, last || len(page) == 0); err != nil || last || len(page) == 0 {
			return err
		}
		// A page that ends where it began has one millisecond alone: the rest of
		// it cannot be asked for.
		next := max(int64(until), since)
		if len(fresh) == 0 {
			if stuck {
				return errors.New("the server repeats a page of worklogs; " + jiraLater)
			}
			next = since + 1
		}
		stuck = len(fresh) == 0
		before, since = seen, next
	}
}

func (t *jiraText) logID() (id jiraLogID, err error) {
	_, _, err = t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"worklogId"`:
			var text string
			text, err = t.text()
			id.raw = json.RawMessage(text)
		case `"updatedTime"`:
			id.at, err = t.text()
		}
		return err
	})
	return id, err
}

// worklogs fetches worklogs by their ids; those that are gone or hidden are not
// in the answer.
func (s *jiraSource) worklogs(ctx context.Context, ids []json.RawMessage) ([]record, error) {
	const path = "rest/api/2/worklog/list"
	body, err := s.post(ctx, path, map[string]any{"ids": ids})
	if err != nil {
		return nil, err
	}
	return s.readWorklogs(path, body, func(t *jiraText, take func() error) (bool, error) { return t.array(take) })
}

func (s *jiraSource) readWorklogs(path string, body []byte, list func(t *jiraText, take func() error) (bool, error)) ([]record, error) {
	var records []record
	t := readJira(body)
	ok, err := list(t, func() error {
		e, err := t.entry(`"updated"`)
		records = append(records, record{Entity: "worklog", ID: e.id, Version: e.at, Payload: e.raw})
		return err
	})
	if err != nil || !ok {
		return nil, s.noJira(path, err)
	}
	return records, nil
}

// wanted leaves out worklogs of issues that are not there because the config
// does not want them.
func (s *jiraSource) wanted(ctx context.Context, records []record) ([]record, error) {
	if !s.narrowed() || len(records) == 0 {
		return records, nil
	}
	of := make([]string, len(records))
	for i, r := range records {
		t := readJira(r.Payload)
		_, _, err := t.object(func(name []byte) (err error) {
			if string(name) == `"issueId"` {
				of[i], err = t.text()
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	known, err := s.landed(ctx, "issue", of)
	if err != nil {
		return nil, err
	}
	kept := records[:0]
	for i, r := range records {
		if _, ok := known[of[i]]; ok || r.ID == "" {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// pullUnbooked makes tombstones of worklogs that are deleted, where they are
// known.
func (s *jiraSource) pullUnbooked(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	at := jiraSince{from.UnixMilli()}
	if cursor != nil && json.Unmarshal(cursor, &at) != nil {
		at = jiraSince{from.UnixMilli()} // only another program's
	}
	return s.worklogFeed(ctx, "deleted", at.Since, func(page []jiraLogID, since int64, last bool) error {
		ids := make([]string, len(page))
		for i, w := range page {
			ids[i] = string(w.raw)
		}
		known, err := s.landed(ctx, "worklog", ids)
		if err != nil {
			return err
		}
		var records []record
		for _, id := range ids {
			if version, ok := known[id]; ok {
				records = append(records, record{Entity: "worklog", ID: id, Version: version, Payload: []byte(`{"deleted":"deleted"}`), Gone: true})
			}
		}
		return land(records, jiraSince{since}.json())
	})
}
