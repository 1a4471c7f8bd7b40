package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

const (
	jiraHistories = 10_000 // the largest page of the bulk endpoint
	jiraListPage  = 1000   // of a list of one issue; Jira grants less
	jiraAtOnce    = 3      // requests beside the search
	jiraMisses    = 3      // a single issue may be gone by now
)

// complete fetches what the pages of a search do not have of their issues: in
// Cloud all histories, elsewhere those that were cut off, and comments. The
// channel is closed at the end; an error is the last that comes.
func (s *jiraSource) complete(ctx context.Context, busy *sync.WaitGroup, issues []jiraIssue) chan jiraRead {
	more := make(chan jiraRead, 1)
	busy.Go(func() {
		defer close(more)
		err := s.changelogs(ctx, issues, more)
		if err == nil {
			err = s.comments(ctx, issues, more)
		}
		if err != nil {
			send(ctx, more, jiraRead{err: err})
		}
	})
	return more
}

func (s *jiraSource) changelogs(ctx context.Context, issues []jiraIssue, more chan<- jiraRead) error {
	if s.cloud {
		ids := make([]string, len(issues))
		for i := range issues {
			ids[i] = issues[i].id
		}
		for part := range slices.Chunk(ids, jiraMost) {
			if err := s.bulk(ctx, part, more); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range issues {
		// No changelog at all, though it was asked for, is one that is cut.
		if issue := &issues[i]; issue.histories.cut() || issue.histories.total < 0 {
			if err := s.changelog(ctx, issue, more); err != nil {
				return err
			}
		}
	}
	return nil
}

// bulk fetches the histories of up to 1000 issues of Cloud. What is embedded in
// a search is cut to the newest, and is not asked for.
func (s *jiraSource) bulk(ctx context.Context, ids []string, more chan<- jiraRead) error {
	const path = "rest/api/3/changelog/bulkfetch"
	used := map[string]bool{}
	for token := ""; ; {
		question := map[string]any{"issueIdsOrKeys": ids, "maxResults": jiraHistories}
		if token != "" {
			question["nextPageToken"] = token
		}
		body, err := s.post(ctx, path, question)
		if err != nil {
			return err
		}
		records, next, err := readBulk(body)
		if err != nil {
			return s.noJira(path, err)
		}
		if !send(ctx, more, jiraRead{records: records}) {
			return ctx.Err()
		}
		if token = next; token == "" {
			return nil
		}
		if used[token] {
			return errors.New("the server repeats a page token of changelogs; " + jiraLater)
		}
		used[token] = true
	}
}

func readBulk(body []byte) (records []record, token string, err error) {
	t := readJira(body)
	_, ok, err := t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"nextPageToken"`:
			token, err = t.text()
		case `"issueChangeLogs"`:
			_, err = t.array(func() error {
				issue, histories, err := t.changelogOf()
				for i := range histories {
					records = append(records, histories[i].record("changelog", issue))
				}
				return err
			})
		}
		return err
	})
	if err == nil && !ok {
		err = errors.New("it is no object")
	}
	return records, token, err
}

// changelogOf takes the histories of one issue of a bulk answer.
func (t *jiraText) changelogOf() (issue string, histories []jiraEntry, err error) {
	_, _, err = t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"issueId"`:
			issue, err = t.text()
		case `"changeHistories"`:
			histories, err = t.entries(`"created"`)
		}
		return err
	})
	return issue, histories, err
}

// changelog pages the histories of one issue, where Jira can do that. Where it
// cannot, it is told which issues are incomplete.
func (s *jiraSource) changelog(ctx context.Context, issue *jiraIssue, more chan<- jiraRead) error {
	if s.misses >= jiraMisses { // there is no such endpoint
		if !send(ctx, more, jiraRead{cut: issue.id}) {
			return ctx.Err()
		}
		return nil
	}
	err := s.paged(ctx, issue, "changelog", []string{`"values"`, `"histories"`}, `"created"`, func(shown []jiraEntry) error {
		return s.hand(ctx, more, "changelog", issue.id, shown)
	})
	if !refused(err, http.StatusNotFound, http.StatusMethodNotAllowed) {
		s.misses = 0
		return err
	}
	s.misses++
	if !send(ctx, more, jiraRead{cut: issue.id}) {
		return ctx.Err()
	}
	return nil
}

// comments fetches comments that are not embedded in their issue, of some issues
// at a time.
func (s *jiraSource) comments(ctx context.Context, issues []jiraIssue, more chan<- jiraRead) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var busy sync.WaitGroup
	places := make(chan struct{}, jiraAtOnce)
	for i := range issues {
		issue := &issues[i]
		if !issue.comments.cut() || !send(ctx, places, struct{}{}) {
			continue
		}
		busy.Go(func() {
			defer func() { <-places }()
			if err := s.commentsOf(ctx, issue, more); err != nil {
				cancel(err)
			}
		})
	}
	busy.Wait()
	return context.Cause(ctx)
}

func (s *jiraSource) commentsOf(ctx context.Context, issue *jiraIssue, more chan<- jiraRead) error {
	embedded := map[string]bool{}
	for _, c := range issue.comments.shown {
		embedded[c.id] = true
	}
	err := s.paged(ctx, issue, "comment", []string{`"comments"`}, `"updated"`, func(shown []jiraEntry) error {
		shown = slices.DeleteFunc(shown, func(c jiraEntry) bool { return embedded[c.id] })
		return s.hand(ctx, more, "comment", issue.id, shown)
	})
	if refused(err, http.StatusNotFound) {
		return nil // it has gone meanwhile
	}
	return err
}

// paged reads a list of an issue from its beginning by offsets. What is added
// while it is paged comes at the end.
func (s *jiraSource) paged(ctx context.Context, issue *jiraIssue, list string, names []string, stamp string, take func([]jiraEntry) error) error {
	for start := 0; ; {
		path := fmt.Sprintf("rest/api/2/issue/%s/%s", url.PathEscape(issue.id), list)
		body, err := s.get(ctx, "%s?startAt=%d&maxResults=%d", path, start, jiraListPage)
		if err != nil {
			return err
		}
		var p jiraPart
		total := -1
		t := readJira(body)
		_, ok, err := t.object(func(name []byte) (err error) {
			switch {
			case string(name) == `"total"`:
				total, err = t.number()
			case slices.Contains(names, string(name)):
				p.shown, err = t.entries(stamp)
			}
			return err
		})
		if err != nil || !ok {
			return s.noJira(path, err)
		}
		start += len(p.shown)
		if len(p.shown) > 0 {
			if err := take(p.shown); err != nil {
				return err
			}
		}
		if len(p.shown) == 0 || start >= total {
			return nil
		}
	}
}

func (s *jiraSource) hand(ctx context.Context, more chan<- jiraRead, entity, issue string, shown []jiraEntry) error {
	records := make([]record, len(shown))
	for i := range shown {
		records[i] = shown[i].record(entity, issue)
	}
	if !send(ctx, more, jiraRead{records: records}) {
		return ctx.Err()
	}
	return nil
}

// jiraCut are the issues whose changelog Jira does not give whole.
type jiraCut map[string]bool

func (s *jiraSource) cutShort(issue string) {
	if s.cut == nil {
		s.cut = jiraCut{}
	}
	s.cut[issue] = true
}

func (s *jiraSource) tellCut() {
	if len(s.cut) == 0 {
		return
	}
	example := slices.Min(slices.Collect(maps.Keys(s.cut)))
	s.warn("this Jira does not give the whole changelog of %d issues (such as the one with id %s): what happened first in them is missing, and times that are counted from it are too short", len(s.cut), example)
	s.cut = nil
}
