package simulate

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// Credentials of the simulated tools; they open nothing else.
const (
	JiraUser       = "srekpi@larkspur.example"
	JiraToken      = "larkspur-jira-token"
	PagerDutyToken = "larkspur-pagerduty-token"
)

// Files beside the config that hold the tokens.
const (
	JiraTokenFile      = "jira.token"
	PagerDutyTokenFile = "pagerduty.token"
)

// WriteTokens writes the token files that ConfigFor names into dir.
func WriteTokens(dir string) error {
	for name, token := range map[string]string{JiraTokenFile: JiraToken, PagerDutyTokenFile: PagerDutyToken} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(token+"\n"), 0o600); err != nil {
			return fmt.Errorf("write a token of the simulated tools: %w", err)
		}
	}
	return nil
}

// Tools are the company's tools while they are served.
type Tools struct {
	Jira      *jiraapi.Server
	PagerDuty *pagerdutyapi.Server

	JiraURL      string
	PagerDutyURL string

	servers []*http.Server
}

// Serve starts the tools on free ports of this machine alone. Their clock stands
// at the end of the history.
func (w *World) Serve() (*Tools, error) {
	clock := func() time.Time { return w.To }
	t := &Tools{
		Jira:      jiraapi.New(w.Jira(), jiraapi.Options{Clock: clock}),
		PagerDuty: pagerdutyapi.New(w.PagerDuty(), pagerdutyapi.Options{Clock: clock, PerMinute: -1}), // a minute of a clock that stands never ends
	}
	var err error
	if t.JiraURL, err = t.listen(t.Jira); err == nil {
		t.PagerDutyURL, err = t.listen(t.PagerDuty)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve the simulated tools: %w", err), t.Close())
	}
	return t, nil
}

func (t *Tools) listen(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	t.servers = append(t.servers, s)
	go s.Serve(l) // ends with Close
	return "http://" + l.Addr().String(), nil
}

// Close ends the servers at once.
func (t *Tools) Close() error {
	var all []error
	for _, s := range t.servers {
		all = append(all, s.Close())
	}
	return errors.Join(all...)
}
