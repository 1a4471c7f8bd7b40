package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/go-querystring/query"
	"github.com/srekpi/srekpi/ingest/rest"
)

// get asks with the parameters of an option struct.
func (s *pagerdutySource) get(ctx context.Context, path string, parameters any) ([]byte, error) {
	values, err := query.Values(parameters)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path+"?"+values.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return s.ask(r)
}

// post asks with a JSON body.
func (s *pagerdutySource) post(ctx context.Context, path string, question any) ([]byte, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return s.ask(r)
}

func (s *pagerdutySource) ask(r *http.Request) ([]byte, error) {
	// Not the vendor's methods: they fail a whole page on one odd field.
	resp, err := s.api.Do(r, true)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := rest.ReadAll(resp)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, s.refusal(r, resp.StatusCode, body)
	}
	return body, nil
}

// pagerdutyTime is how times are asked for: one without a zone would be read in
// the account's.
func pagerdutyTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
