package rest

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	token = `s3cret+t/"ken=`
	sound = `{"issues":["OPS-1","OPS-2"]}`
)

// waits keeps what a client would have waited, and lets no time pass.
type waits struct {
	mu  sync.Mutex
	all []time.Duration
}

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, d)
	return ctx.Err()
}

// newClient is a client that waits for nothing unless o says so.
func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	if o.Source == "" {
		o.Source = "jira"
	}
	if o.Wait == nil {
		o.Wait = new(waits).wait
	}
	o.Secrets = append(o.Secrets, token)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The ways to start a server.
var plain, overTLS = (*httptest.Server).Start, (*httptest.Server).StartTLS

// serve starts a server that ends with the test.
func serve(t *testing.T, start func(*httptest.Server), h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // broken handshakes are meant
	start(server)
	t.Cleanup(server.Close)
	return server
}

// caFile is the PEM file of a TLS server's own authority.
func caFile(t *testing.T, server *httptest.Server) string {
	t.Helper()
	if server.Certificate() == nil {
		return ""
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func say(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	})
}

// get is the status and body of one call, or its error, explained.
func get(t *testing.T, c *Client, url string) (int, string, error) {
	t.Helper()
	return do(t, c, http.MethodGet, url, "")
}

func do(t *testing.T, c *Client, method, url, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := c.HTTP().Do(req)
	if err != nil {
		return 0, "", c.Explain(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", fmt.Errorf("a body that is not whole: %w", err)
	}
	return resp.StatusCode, string(text), nil
}
