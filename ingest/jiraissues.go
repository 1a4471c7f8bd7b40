package ingest

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// landing is how a feed takes records.
type landing func(records []record, cursor json.RawMessage) error

// pullIssues is the feed of issues with their changelogs.
func (s *jiraSource) pullIssues(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	var at jiraCursor
	if cursor != nil {
		if err := json.Unmarshal(cursor, &at); err != nil {
			at = jiraCursor{} // only another program's
		}
	}
	begun := s.feeds[len(s.feeds)-1].at.Begun
	if at.Pass < 2 {
		q := s.search(s.where(s.updatedSince(from)))
		q.from(at)
		if err := s.pass(ctx, q, land); err != nil {
			return err
		}
		// One page cannot drift, and after the sync of an earlier run another
		// one follows.
		if s.cloud || q.pages < 2 && !q.resumed || begun.Before(s.now) {
			return nil
		}
	}
	// What changed while the pages were read may have slipped between them.
	q := s.search(s.where(s.updatedSince(begun)))
	q.from(at)
	q.at.Pass = 2
	return s.pass(ctx, q, land)
}

// jiraMost is how many issues one request for changelogs takes, and so what is
// read again at most when a run dies. Tests make it small.
var jiraMost = 1000

// jiraBatch are issues that are read and whose histories and comments are not
// complete yet.
type jiraBatch struct {
	issues []jiraIssue // without what lands at once
	end    json.RawMessage
	seen   map[string]bool
}

func (b *jiraBatch) add(p *jiraPage) {
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	for _, i := range p.issues {
		if i.id != "" && !b.seen[i.id] {
			b.seen[i.id] = true
			// The texts are let go: they have landed.
			light := jiraIssue{id: i.id, histories: jiraPart{total: min(i.histories.total, 0)}}
			if i.histories.cut() {
				light.histories = i.histories
			}
			if i.comments.cut() {
				light.comments = i.comments
			}
			b.issues = append(b.issues, light)
		}
	}
	b.end = p.next.json()
}

func (b *jiraBatch) full() bool { return len(b.issues) > jiraMost-jiraCloudPage }

// jiraRead is what one of the goroutines of a pass has read.
type jiraRead struct {
	page    *jiraPage
	records []record
	cut     string // an issue whose changelog is not whole
	err     error
}

// pass reads a search to its end. The search goes on while the changelogs of the
// issues before are fetched, and both while records land. The cursor is moved
// behind a batch once all of it has landed.
func (s *jiraSource) pass(ctx context.Context, q *jiraSearch, land landing) error {
	ctx, cancel := context.WithCancel(ctx)
	var busy sync.WaitGroup
	defer busy.Wait()
	defer cancel()

	done := q.at.json()
	pages := make(chan jiraRead, 1)
	busy.Go(func() {
		defer close(pages)
		for {
			p, err := q.next(ctx)
			if !send(ctx, pages, jiraRead{page: p, err: err}) || err != nil || p.last {
				return
			}
		}
	})

	var batch jiraBatch
	var more chan jiraRead // about the batch before; nil: it is complete
	var end json.RawMessage
	for pages != nil || more != nil || batch.end != nil {
		if more == nil && batch.end != nil && (batch.full() || pages == nil) {
			more, end = s.complete(ctx, &busy, batch.issues), batch.end
			batch = jiraBatch{}
		}
		ahead := pages
		if batch.full() {
			ahead = nil
		}
		select {
		case r, ok := <-ahead:
			if !ok {
				pages = nil
				break
			}
			if r.err != nil {
				return r.err
			}
			batch.add(r.page)
			if err := land(jiraRecords(r.page.issues), done); err != nil {
				return err
			}
		case r, ok := <-more:
			if r.err != nil {
				return r.err
			}
			// A channel that is closed because ctx is over is not the end.
			if err := ctx.Err(); err != nil {
				return err
			}
			if !ok {
				more, done = nil, end
			}
			if r.cut != "" {
				s.cutShort(r.cut)
			}
			if err := land(r.records, done); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// send says whether it could.
func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// jiraRecords are issues as they land, with the histories that came inside them.
func jiraRecords(issues []jiraIssue) []record {
	records := make([]record, 0, len(issues))
	for i := range issues {
		issue := &issues[i]
		records = append(records, record{Entity: "issue", ID: issue.id, Version: issue.updated, Payload: issue.raw})
		for j := range issue.histories.shown {
			records = append(records, issue.histories.shown[j].record("changelog", issue.id))
		}
	}
	return records
}
