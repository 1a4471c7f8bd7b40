package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/ingest/rest"
)

// jiraError is a failure in words that say what to do.
type jiraError struct {
	text string
	err  error
}

func (e *jiraError) Error() string { return e.text }
func (e *jiraError) Unwrap() error { return e.err }

// refusal words an answer that is an error. What Jira says of the query stays.
func (s *jiraSource) refusal(err error) error {
	var answer *rest.StatusError
	if !errors.As(err, &answer) {
		return err
	}
	said := strings.TrimRight(answer.Message, ".")
	if said == "" {
		said = fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status))
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		next := "make a new personal access token, or set user: where this is Jira Cloud"
		if s.User != "" {
			next = "user must be the account's email and the token one that this account made; make a new one"
		}
		return &jiraError{"Jira refuses the token (401: " + said + "): it is wrong or has expired; " + next, err}
	case http.StatusForbidden:
		return &jiraError{fmt.Sprintf("Jira forbids %s %s (403: %s): the token's account lacks the right; give it Browse permission in the projects", answer.Method, answer.Path, said), err}
	case http.StatusBadRequest:
		if i := slices.IndexFunc(s.Projects, func(key string) bool { return aboutProject(said, key) }); i >= 0 {
			key := s.Projects[i]
			return &jiraError{fmt.Sprintf("Jira does not show project %s (400: %s); give the user Browse permission in project %[1]s or take it out of projects", key, said), err}
		}
		if strings.Contains(answer.Path, "/search") {
			next := "correct jql in the config"
			if s.JQL == "" {
				next = "the config has no jql, so srekpi itself wrote it: look whether projects and url in the config are right, and update srekpi"
			}
			return &jiraError{fmt.Sprintf("Jira does not accept the query (400: %s); %s", said, next), err}
		}
	}
	return err
}

// jiraTokenError is a search that Jira does not go on with. The query is not to
// blame: its first page was answered.
type jiraTokenError struct{ err error }

func (e *jiraTokenError) Error() string {
	return "the search's page token is not accepted any more; run it again"
}
func (e *jiraTokenError) Unwrap() error { return e.err }

// aboutProject tells whether Jira complains of a project.
func aboutProject(said, key string) bool {
	said = strings.ToLower(said)
	return strings.Contains(said, "project") && strings.Contains(said, "'"+strings.ToLower(key)+"'")
}

// nobody words the failure of the very first request.
func (s *jiraSource) nobody(err error) error {
	if refused(err, http.StatusNotFound, http.StatusMethodNotAllowed) {
		return &jiraError{fmt.Sprintf("no Jira answers at %s; check url in the config: it ends where /rest/api begins", s.URL), err}
	}
	return err
}

// noJira says that an answer is not what Jira would send.
func (s *jiraSource) noJira(path string, err error) error {
	text := "/" + path + " is answered with something else than Jira's data; url in the config leads to a login, a proxy or another server"
	if err != nil {
		text += fmt.Sprintf(" (%v)", err)
	}
	return &jiraError{text, err}
}
