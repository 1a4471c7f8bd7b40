package ingest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/srekpi/srekpi/ingest/rest"
)

// ask sends one request and returns the answer's body. The vendor's client makes
// and sends it, and is not asked to decode: it would fail on what is odd.
func (s *jiraSource) ask(ctx context.Context, method, path string, question any) ([]byte, error) {
	r, err := s.jira.NewRequestWithContext(ctx, method, path, question)
	if err != nil {
		return nil, err
	}
	resp, err := s.jira.Do(r, nil)
	if resp == nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := s.client.Check(resp.Response); err != nil {
		return nil, s.refusal(err)
	}
	return rest.ReadAll(resp.Response)
}

// post asks with a JSON body.
func (s *jiraSource) post(ctx context.Context, path string, question map[string]any) ([]byte, error) {
	return s.ask(ctx, http.MethodPost, path, question)
}

// get asks with parameters in the path.
func (s *jiraSource) get(ctx context.Context, format string, a ...any) ([]byte, error) {
	return s.ask(ctx, http.MethodGet, fmt.Sprintf(format, a...), nil)
}
