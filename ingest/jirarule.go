package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/srekpi/srekpi/ingest/rest"
)

// rules asks which issues the rules fit that are written in JQL: nothing else can
// tell, and it may be others in each run. The answers land where they differ.
func (s *jiraSource) rules(ctx context.Context) error {
	var records []record
	for n, rule := range s.Issues {
		if rule.JQL == "" || slices.ContainsFunc(records, func(r record) bool { return r.ID == rule.JQL }) {
			continue
		}
		ids, err := s.ids(ctx, s.where(s.updatedSince(s.feeds[0].at.Reach), "("+rule.JQL+")"))
		if err != nil {
			return badRule(n, err)
		}
		match := struct {
			Rule   int      `json:"rule"`
			Issues []string `json:"issues"`
		}{n, make([]string, len(ids))}
		for i, id := range ids {
			match.Issues[i] = strconv.FormatUint(id, 10)
		}
		payload, err := json.Marshal(match)
		if err != nil {
			return err
		}
		records = append(records, record{Entity: "rule_match", ID: rule.JQL, Payload: payload})
	}
	return s.reference(ctx, records)
}

// badRule says which rule Jira does not accept. The other conditions of the
// query were accepted before.
func badRule(n int, err error) error {
	var token *jiraTokenError
	if errors.As(err, &token) {
		return err
	}
	var answer *rest.StatusError
	if errors.As(err, &answer) && answer.Status == http.StatusBadRequest {
		return &jiraError{fmt.Sprintf("Jira does not accept the query of issues[%d] (400: %s); correct its jql in the config", n, answer.Message), err}
	}
	return err
}
