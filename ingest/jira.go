package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"
	"github.com/srekpi/srekpi/ingest/rest"
)

// jiraSource reads one Jira, Cloud or Data Center.
type jiraSource struct {
	apiSource
	jira   *jira.Client
	cloud  bool
	zone   *time.Location // of the account, in which JQL reads times; nil: unknown
	cut    jiraCut
	misses int // of changelogs, one after the other
}

// The feeds of a Jira.
const (
	jiraIssues   = "issues"
	jiraWorklogs = "worklogs"
	jiraUnbooked = "worklogs_deleted"
)

func (s *jiraSource) read(ctx context.Context) error {
	return s.collect(ctx, s.dial, s.greet, s.pull)
}

func (s *jiraSource) dial() error {
	authorize := func(r *http.Request, token string) { r.Header.Set("Authorization", "Bearer "+token) }
	if s.User != "" {
		authorize = func(r *http.Request, token string) { r.SetBasicAuth(s.User, token) }
	}
	err := s.connect(authorize, rest.JiraReset)
	if err == nil {
		s.jira, err = jira.NewClient(s.client.HTTP(), s.URL)
	}
	return err
}

// greet learns which Jira it is and who asks, and reads the short lists.
func (s *jiraSource) greet(ctx context.Context) error {
	server, err := s.server(ctx)
	if err != nil {
		return err
	}
	myself, err := s.myself(ctx)
	if err != nil {
		return err
	}
	records := []record{server, myself}
	for _, entity := range []string{"field", "status"} {
		body, err := s.ask(ctx, http.MethodGet, "rest/api/2/"+entity, nil)
		if err != nil {
			return err
		}
		t := readJira(body)
		list, err := t.entries("")
		if err != nil {
			return s.noJira("rest/api/2/"+entity, err)
		}
		for _, e := range list {
			records = append(records, record{Entity: entity, ID: e.id, Payload: e.raw})
		}
	}
	return s.reference(ctx, records)
}

// server is Jira's description of itself, less the time of the answer: the
// record would be another one in every run.
func (s *jiraSource) server(ctx context.Context) (record, error) {
	const path = "rest/api/2/serverInfo"
	body, err := s.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return record{}, s.nobody(err)
	}
	from, to := 0, 0
	t := readJira(body)
	start, ok, err := t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"deploymentType"`:
			var kind string
			kind, err = t.text()
			s.cloud = strings.EqualFold(kind, "Cloud")
		case `"serverTime"`:
			from = t.at() - len(name)
			_, err = t.value()
			to = t.at()
		}
		return err
	})
	if err != nil || !ok {
		return record{}, s.noJira(path, err)
	}
	info := body[start:t.at()]
	if to > 0 {
		info = without(info, from-start, to-start)
	}
	return record{Entity: "server", ID: "server", Payload: info}, nil
}

// myself is the account that asks: JQL reads times in its zone.
func (s *jiraSource) myself(ctx context.Context) (record, error) {
	const path = "rest/api/2/myself"
	body, err := s.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return record{}, err
	}
	var account, key, name, zone string
	t := readJira(body)
	start, ok, err := t.object(func(member []byte) (err error) {
		switch string(member) {
		case `"accountId"`:
			account, err = t.text()
		case `"key"`:
			key, err = t.text()
		case `"name"`:
			name, err = t.text()
		case `"timeZone"`:
			zone, err = t.text()
		}
		return err
	})
	if err != nil || !ok {
		return record{}, s.noJira(path, err)
	}
	if s.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		s.zone = nil
		s.warn("the time zone %q of the account is unknown here; each run asks a day further back instead", zone)
	}
	for _, id := range []string{key, name} {
		if account == "" {
			account = id
		}
	}
	return record{Entity: "myself", ID: account, Payload: body[start:t.at()]}, nil
}

func (s *jiraSource) pull(ctx context.Context) error {
	if err := s.sync(ctx, jiraIssues, s.way(), s.pullIssues); err != nil {
		return err
	}
	s.tellCut()
	var braked *brakedError
	if s.sweeps {
		if err := s.census(ctx); err != nil && !errors.As(err, &braked) {
			return err
		}
		s.tellCut()
	}
	if err := s.booked(ctx); err != nil {
		return err
	}
	if s.o.Sample == 0 {
		if err := s.rules(ctx); err != nil {
			return err
		}
	}
	if braked != nil {
		return braked
	}
	return nil
}

// way names all that decides which issues are asked for.
func (s *jiraSource) way() string {
	text, _ := json.Marshal([]any{s.URL, s.Projects, s.JQL}) // texts only
	return string(text)
}

func (s *jiraSource) warn(format string, a ...any) {
	s.result.Warnings = append(s.result.Warnings, s.Name+": "+fmt.Sprintf(format, a...))
}
