package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"net/http"
	"time"
)

// jiraSearch is a query that is answered page by page, in the order in which the
// issues were created: that moment alone never changes, the key does when an
// issue is moved.
type jiraSearch struct {
	*jiraSource
	jql    string // without an order
	fields []string
	size   int // issues to ask for at once
	at     jiraCursor

	resumed bool                // at is of an earlier run
	pages   int                 // that this run has read
	tokens  map[uint64]struct{} // Cloud: those that were used
	recent  map[string]bool     // Data Center: ids of the last page
}

// jiraCursor is where the next page of a search begins.
type jiraCursor struct {
	JQL     string    `json:"jql"` // another query begins at the beginning
	Pass    int       `json:"pass,omitempty"`
	Token   string    `json:"token,omitempty"`  // Cloud
	Start   int       `json:"start,omitempty"`  // Data Center: issues that were read …
	Last    string    `json:"last,omitempty"`   // … the last of them …
	Created time.Time `json:"created,omitzero"` // … and its creation
}

func (c jiraCursor) json() json.RawMessage {
	text, _ := json.Marshal(c) // texts, numbers and a time
	return text
}

const jiraOrder = " ORDER BY created ASC, key ASC"

// jiraFields is all of an issue but for its worklogs, which have their own feed.
var jiraFields = []string{"*all", "-worklog"}

// The pages that Jira grants.
const (
	jiraCloudPage   = 100
	jiraCloudIDs    = 5000
	jiraServerFirst = 100
	jiraServerPage  = 1000
)

// search asks for whole issues.
func (s *jiraSource) search(jql string) *jiraSearch {
	q := &jiraSearch{jiraSource: s, jql: jql, fields: jiraFields, size: jiraCloudPage}
	if !s.cloud {
		q.size = jiraServerFirst
	}
	return q
}

// sweep asks for ids, in the largest pages there are.
func (s *jiraSource) sweep(jql string) *jiraSearch {
	q := &jiraSearch{jiraSource: s, jql: jql, fields: []string{"id"}, size: jiraCloudIDs}
	if !s.cloud {
		q.fields, q.size = []string{"created"}, jiraServerPage // it tells where a page lies
	}
	return q
}

// from goes on at a cursor, if it is one of the same query.
func (q *jiraSearch) from(at jiraCursor) {
	if at.JQL == q.jql {
		q.at, q.resumed = at, true
	}
	q.at.JQL = q.jql
}

// jiraPage is a page of an answer.
type jiraPage struct {
	issues []jiraIssue
	last   bool
	next   jiraCursor

	total, granted int // Data Center
	token          string
}

// next reads a page.
func (q *jiraSearch) next(ctx context.Context) (*jiraPage, error) {
	q.at.JQL = q.jql
	read := q.byOffset
	if q.cloud {
		read = q.byToken
	}
	p, err := read(ctx)
	if err != nil {
		return nil, err
	}
	q.pages++
	q.at = p.next
	return p, nil
}

// tokenSeed is of this process, as tokens are compared within one run.
var tokenSeed = maphash.MakeSeed()

// byToken reads a page of Cloud. Only the token says whether there are more: a
// page may be short or empty and isLast wrong. A token comes once; a server that
// repeats one would be asked for ever.
func (q *jiraSearch) byToken(ctx context.Context) (*jiraPage, error) {
	question := q.question()
	if q.at.Token != "" {
		question["nextPageToken"] = q.at.Token
	}
	p, err := q.page(ctx, "rest/api/2/search/jql", question)
	if q.resumed && q.at.Token != "" && refused(err, http.StatusBadRequest) {
		// The token did not live until this run, so the sync begins again.
		q.resumed, q.at.Token = false, ""
		return q.byToken(ctx)
	}
	if q.at.Token != "" && refused(err, http.StatusBadRequest) {
		return nil, &jiraTokenError{err}
	}
	if err != nil {
		return nil, err
	}
	if q.tokens == nil {
		q.tokens = map[uint64]struct{}{}
	}
	q.tokens[maphash.String(tokenSeed, q.at.Token)] = struct{}{}
	p.next, p.last = q.at, p.token == ""
	p.next.Token = p.token
	if _, used := q.tokens[maphash.String(tokenSeed, p.token)]; used && !p.last {
		return nil, errors.New("the server repeats a page token, so the search has no end; " + jiraLater)
	}
	return p, nil
}

// byOffset reads a page of Data Center. Offsets drift while issues come and go:
// so each page begins with the last issue of the page before, and where it does
// not, because an issue has left the answer, an earlier page is read.
func (q *jiraSearch) byOffset(ctx context.Context) (*jiraPage, error) {
	start := q.at.Start
	if q.at.Last != "" {
		start--
	}
	for back := q.size/10 + 1; ; back *= 10 {
		start = max(start, 0)
		question := q.question()
		question["startAt"] = start
		began, retries := q.o.Now(), q.client.Stats().Retries
		p, err := q.page(ctx, "rest/api/2/search", question)
		if err != nil {
			return nil, err
		}
		if p.total < 0 {
			return nil, q.noJira("rest/api/2/search", errors.New("it has no total"))
		}
		if q.client.Stats().Retries == retries {
			q.pace(len(p.issues), q.o.Now().Sub(began))
		}
		if !q.fits(p, start) {
			start -= back
			continue
		}
		return q.advance(p, start)
	}
}

// fits says that nothing lies between what was read and this page.
func (q *jiraSearch) fits(p *jiraPage, start int) bool {
	if start == 0 || q.at.Last == "" {
		return true
	}
	if len(p.issues) == 0 {
		return false
	}
	first := &p.issues[0]
	return first.id == q.at.Last || q.recent[first.id] || !first.created.IsZero() && first.created.Before(q.at.Created)
}

// advance moves behind a page of Data Center, and leaves out of it what the page
// before had.
func (q *jiraSearch) advance(p *jiraPage, start int) (*jiraPage, error) {
	read := len(p.issues)
	p.next, p.last = q.at, start+read >= p.total
	if read == 0 {
		if !p.last {
			return nil, errors.New("the server sends an empty page and says that there is more; " + jiraLater)
		}
		return p, nil
	}
	final := &p.issues[read-1]
	if read == 1 && final.id == q.at.Last && !p.last {
		return nil, errors.New("the server grants one issue a page, which leads nowhere; have its administrator raise jira.search.views.default.max")
	}
	p.next.Start, p.next.Last, p.next.Created = start+read, final.id, final.created
	recent := make(map[string]bool, read)
	fresh := p.issues[:0]
	for _, i := range p.issues {
		if i.id == "" || i.id != q.at.Last && !q.recent[i.id] {
			fresh = append(fresh, i)
		}
		recent[i.id] = true
	}
	if len(fresh) == 0 && start+read > q.at.Start {
		return nil, errors.New("the server repeats a page, so the rest of the answer is unknown; " + jiraLater)
	}
	p.issues, q.recent = fresh, recent
	return p, nil
}

// jiraPatience is how long a page of Data Center may take: its administrators
// cut off what takes long.
const jiraPatience = 15 * time.Second

// pace finds the size of the next page of Data Center from what this one took.
func (q *jiraSearch) pace(issues int, took time.Duration) {
	if issues < q.size/2 {
		return // it tells nothing
	}
	size := jiraServerPage
	if took > 0 {
		size = min(size, int(int64(issues)*int64(jiraPatience)/int64(took)))
	}
	q.size = max(size, jiraServerFirst)
}

func (q *jiraSearch) question() map[string]any {
	order := jiraOrder
	if q.o.Sample > 0 {
		order = " ORDER BY updated DESC" // the newest show best what is in use
	}
	question := map[string]any{"jql": q.jql + order, "fields": q.fields, "maxResults": q.size}
	if !q.cloud && q.fields[0] == jiraFields[0] {
		question["expand"] = []string{"changelog"}
	}
	return question
}

// page asks and takes the answer apart.
func (q *jiraSearch) page(ctx context.Context, path string, question map[string]any) (*jiraPage, error) {
	body, err := q.post(ctx, path, question)
	if err != nil {
		return nil, err
	}
	p := &jiraPage{total: -1}
	t := readJira(body)
	listed := false
	_, _, err = t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"nextPageToken"`:
			p.token, err = t.text()
		case `"total"`:
			p.total, err = t.number()
		case `"issues"`:
			listed, err = t.array(func() error {
				i, err := t.issue()
				p.issues = append(p.issues, i)
				return err
			})
		}
		return err
	})
	if err == nil && !listed {
		err = errors.New("it has no list of issues")
	}
	if err != nil {
		return nil, q.noJira(path, err)
	}
	return p, nil
}

const jiraLater = "run it again later: it goes on where it stopped"
