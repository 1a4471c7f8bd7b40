package misbehave

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

const sound = `{"issues":["OPS-1","OPS-2"]}`

func soundHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, sound)
	})
}

// get is one plain request: its status, the body that arrived, and what broke.
func get(t *testing.T, client *http.Client, url string) (*http.Response, string, error) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestEachFaultIsWhatItSays(t *testing.T) {
	wait := http.Header{"retry-after": {"7"}}
	for _, c := range []struct {
		fault  Fault
		status int // 0: there is no answer
		body   string
		broken error // of the body, or of the answer
	}{
		{None, 200, sound, nil},
		{TooMany, 429, "Too Many", nil},
		{Unavailable503, 503, "Service", nil},
		{Internal500, 500, "Internal", nil},
		{BadGateway502, 502, "<!DOCTYPE", nil},
		{HTML200, 200, "<!DOCTYPE", nil},
		{Reset, 0, "", syscall.ECONNRESET},
		{ResetBody, 200, sound[:len(sound)/2], syscall.ECONNRESET},
		{Truncate, 200, sound[:len(sound)/2], io.ErrUnexpectedEOF},
	} {
		for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
			server := start(Handler(soundHandler(), First(c.fault), wait))
			client := server.Client()
			// Else net/http itself sends a request again that was reset.
			client.Transport.(*http.Transport).DisableKeepAlives = true
			resp, body, err := get(t, client, server.URL)
			status := 0
			if resp != nil {
				status = resp.StatusCode
			}
			// A reset may overtake the bytes before it, and even the answer's head.
			overtaken := c.fault == ResetBody && errors.Is(err, syscall.ECONNRESET)
			if !overtaken && (status != c.status || !strings.HasPrefix(body, c.body)) {
				t.Errorf("fault %d: %d %q", c.fault, status, body)
			}
			// Over TLS a reset may be seen as an end.
			if !errors.Is(err, c.broken) && !(c.fault == Reset && errors.Is(err, io.EOF)) {
				t.Errorf("fault %d: %v", c.fault, err)
			}
			if resp != nil && (c.fault == TooMany || c.fault == Unavailable503) && resp.Header.Get("Retry-After") != "7" {
				t.Errorf("fault %d: %v", c.fault, resp.Header)
			}
			if _, body, err := get(t, client, server.URL); err != nil || body != sound {
				t.Errorf("after fault %d: %q %v", c.fault, body, err)
			}
			server.Close()
		}
	}
}

// The clients' timeout is all that ends these; that the server closes shows that
// the handler notices.
func TestSlowFaultsLastUntilTheClientGivesUp(t *testing.T) {
	for _, fault := range []Fault{Drip, Hang} {
		server := httptest.NewServer(Handler(soundHandler(), Always(fault)))
		client := &http.Client{Timeout: 200 * time.Millisecond}
		resp, err := client.Post(server.URL, "application/json", strings.NewReader(`{"a":1}`))
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("fault %d: %v", fault, err)
		}
		server.Close()
	}
}

func TestTheHandlerBehindGetsTheWholeRequest(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	server := httptest.NewServer(Handler(echo, Random(1, 0)))
	defer server.Close()
	resp, err := http.Post(server.URL, "text/plain", strings.NewReader("what was sent"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "what was sent" {
		t.Errorf("%q", body)
	}
}
