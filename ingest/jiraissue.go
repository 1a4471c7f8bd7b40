package ingest

import "time"

// jiraIssue is an issue of an answer with what is needed of it before it lands.
type jiraIssue struct {
	raw              []byte // as sent, less its changelog
	id               string
	created, updated time.Time
	histories        jiraPart
	comments         jiraPart
}

// jiraPart is a list inside an issue, of which Jira may show the beginning or
// the end only.
type jiraPart struct {
	total int // as Jira says; -1: it does not
	shown []jiraEntry
}

// jiraEntry is an entry of a changelog, or a comment.
type jiraEntry struct {
	raw []byte
	id  string
	at  time.Time
}

func (p *jiraPart) cut() bool { return p.total > len(p.shown) }

// issue takes an issue. What is none has no id.
func (t *jiraText) issue() (i jiraIssue, err error) {
	from, to := 0, 0
	i.histories.total, i.comments.total = -1, -1
	start, _, err := t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"id"`:
			i.id, err = t.text()
		case `"changelog"`:
			from = t.at() - len(name)
			i.histories, err = t.part(`"histories"`, `"created"`)
			to = t.at()
		case `"fields"`:
			_, _, err = t.object(func(name []byte) (err error) {
				switch string(name) {
				case `"created"`:
					i.created, err = t.time()
				case `"updated"`:
					i.updated, err = t.time()
				case `"comment"`:
					i.comments, err = t.part(`"comments"`, `"updated"`)
				}
				return err
			})
		}
		return err
	})
	if err != nil {
		return i, err
	}
	if i.raw = t.body[start:t.at()]; to > 0 {
		i.raw = without(i.raw, from-start, to-start)
	}
	return i, nil
}

// part takes a list with its total.
func (t *jiraText) part(list, stamp string) (p jiraPart, err error) {
	p.total = -1
	_, _, err = t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"total"`:
			p.total, err = t.number()
		case list:
			p.shown, err = t.entries(stamp)
		}
		return err
	})
	return p, err
}

func (t *jiraText) entries(stamp string) (all []jiraEntry, err error) {
	_, err = t.array(func() error {
		e, err := t.entry(stamp)
		all = append(all, e)
		return err
	})
	return all, err
}

func (t *jiraText) entry(stamp string) (e jiraEntry, err error) {
	start, _, err := t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"id"`:
			e.id, err = t.text()
		case stamp:
			e.at, err = t.time()
		}
		return err
	})
	if err == nil {
		e.raw = t.body[start:t.at()]
	}
	return e, err
}

// record is an entry of an issue as it lands.
func (e *jiraEntry) record(entity, issue string) record {
	r := record{Entity: entity, Version: e.at, Payload: e.raw}
	if issue != "" && e.id != "" {
		r.ID = issue + "/" + e.id
	}
	return r
}
