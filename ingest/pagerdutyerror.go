package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/srekpi/srekpi/ingest/rest"
)

// refusal is an error answer with the vendor's message and code.
func (s *pagerdutySource) refusal(r *http.Request, status int, body []byte) error {
	refused := &rest.StatusError{Status: status, Method: r.Method, Path: r.URL.Path}
	var answer pagerduty.APIError
	if json.Unmarshal(body, &answer) != nil || !answer.APIError.Valid {
		return refused
	}
	said := answer.APIError.ErrorObject
	refused.Message = said.Message
	if len(said.Errors) > 0 {
		refused.Message += ": " + strings.TrimRight(strings.Join(said.Errors, ", "), ".")
	}
	refused.Message = s.client.Hide(refused.Message) // before it is cut: half a secret would not be recognised
	if runes := []rune(refused.Message); len(runes) > 300 {
		refused.Message = string(runes[:300]) + "…"
	}
	if said.Code != 0 {
		refused.Message += fmt.Sprintf(" (code %d)", said.Code)
	}
	return refused
}

// refused says that the API answered with one of these statuses.
func refused(err error, statuses ...int) bool {
	var answer *rest.StatusError
	return errors.As(err, &answer) && slices.Contains(statuses, answer.Status)
}

// nobody words a 404 of the one list that every account has.
func (s *pagerdutySource) nobody() error {
	return fmt.Errorf("no PagerDuty answers at %s (404 Not Found); check url in the config: https://api.pagerduty.com, in Europe https://api.eu.pagerduty.com", s.URL)
}

// unavailable: the plan or the key does not have it.
func unavailable(err error) bool {
	return refused(err, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound)
}

// optional makes a warning of what the key may not read and reports can do
// without. The source does not answer for the range of that feed then.
func (s *pagerdutySource) optional(what string, err error) error {
	if !unavailable(err) {
		return err
	}
	s.feeds = s.feeds[:len(s.feeds)-1]
	s.withhold(what, err)
	return nil
}

// withhold tells what is left out, and why.
func (s *pagerdutySource) withhold(what string, err error) {
	s.result.Warnings = append(s.result.Warnings, s.explain(fmt.Errorf("%s are left out, read access to them is missing: %w", what, err)).Error())
}

// tellMissing names incidents that log entries tell of and that are not found.
func (s *pagerdutySource) tellMissing() {
	if len(s.missing) == 0 {
		return
	}
	slices.Sort(s.missing)
	s.missing = slices.Compact(s.missing)
	some := strings.Join(s.missing[:min(3, len(s.missing))], ", ")
	if more := len(s.missing) - 3; more > 0 {
		some += fmt.Sprintf(" and %d more", more)
	}
	s.result.Warnings = append(s.result.Warnings, fmt.Sprintf("%s: incidents are not found any more: %s; ingest --census takes out what is gone", s.Name, some))
}
