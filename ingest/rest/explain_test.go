package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/andygrunwald/go-jira"

	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

func TestExplain(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	request := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://jira.example.com/rest?jql=secret", Err: err}
	}
	for want, err := range map[string]error{
		"jira: jira.example.com: no such host; check url in the config and the network":                        request(dial(&net.DNSError{Name: "jira.example.com", IsNotFound: true})),
		"jira: jira.example.com: its name cannot be looked up; check the network and its DNS server":           request(dial(&net.DNSError{IsTimeout: true})),
		"jira: jira.example.com: it refuses the connection; check url in the config, and that the server runs": request(dial(syscall.ECONNREFUSED)),
		"jira: jira.example.com: it cannot be reached; check the network":                                      request(dial(syscall.ENETUNREACH)),
		"jira: it refuses the connection; check url in the config, and that the server runs":                   dial(syscall.ECONNREFUSED),
		"jira: jira.example.com: no answer in time; check the network, or " + later:                            request(dial(syscall.ETIMEDOUT)),
		"jira: read issues: jira.example.com: it broke the connection off; " + later:                           fmt.Errorf("read issues: %w", request(io.EOF)),
		"jira: jira.example.com: something else":                                                               request(errors.New("something else")),
		"jira: context canceled":                                                                               request(context.Canceled),
		"jira: already named":                                                                                  errors.New("jira: already named"),
		"jira: two lines":                                                                                      errors.New("two\n  lines"),
		"jira: at https://h/p, and so":                                                                         errors.New("at https://u:pw@h/p?token=x, and so"),
		"jira: 503 Service Unavailable; the server has trouble: " + later:                                      &StatusError{Status: 503},
	} {
		got := Explain("jira", err)
		if got.Error() != want && !strings.HasPrefix(want, "jira: at ") {
			t.Errorf("%v\nwant %s", got, want)
		}
		if strings.Contains(got.Error(), "pw") || strings.Contains(got.Error(), "token=") || strings.Contains(got.Error(), "secret") {
			t.Error(got)
		}
		if !errors.Is(got, err) || Explain("jira", got).Error() != got.Error() {
			t.Errorf("%v is not kept", got)
		}
	}
	if Explain("jira", nil) != nil {
		t.Error("nil")
	}
}

func TestAHostThatRefuses(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	c := newClient(t, Options{})
	_, _, err := get(t, c, gone.URL)
	var failure *NetworkError
	if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &failure) || failure.Tries != 7 {
		t.Errorf("%v", err)
	}
	want := "jira: " + gone.Listener.Addr().String() + ": it refuses the connection after 7 attempts; check url in the config, and that the server runs"
	if err.Error() != want {
		t.Error(err)
	}
}

func TestWhatIsNoURL(t *testing.T) {
	for _, address := range []string{"ftp://127.0.0.1/x", "127.0.0.1/x", "https:///x"} {
		c := newClient(t, Options{})
		_, _, err := get(t, c, address)
		if err == nil || !strings.Contains(err.Error(), "must begin with https://") || c.Stats() != (Stats{}) {
			t.Errorf("%s: %v %+v", address, err, c.Stats())
		}
	}
}

func TestSecretsAreInNoError(t *testing.T) {
	echo := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"errorMessages":["no rights: %s"],"errors":{"jql":%q}}`, r.Header.Get("X-Key"), url.QueryEscape(token))
	}))
	broken := serve(t, plain, misbehave.Handler(nil, misbehave.Always(misbehave.Reset)))
	away := serve(t, plain, http.RedirectHandler("/"+url.PathEscape(token)+"?t="+url.QueryEscape(token), http.StatusFound))
	const proxyPassword = "pr0xy"
	for name, call := range map[string]func() error{
		"echoed by the server": func() error {
			c := newClient(t, Options{Authorize: func(r *http.Request) { r.Header.Set("X-Key", strings.ReplaceAll(token, `"`, `\"`)) }})
			resp, err := c.HTTP().Get(echo.URL + "/" + url.PathEscape(token) + "?t=" + url.QueryEscape(token))
			if err != nil {
				return err
			}
			return c.Check(resp)
		},
		"in the URL": func() error {
			c := newClient(t, Options{})
			_, _, err := get(t, c, broken.URL+"/"+url.PathEscape(token)+"?t="+url.QueryEscape(token))
			return err
		},
		"in the URL's user": func() error {
			c := newClient(t, Options{})
			_, _, err := get(t, c, strings.Replace(broken.URL, "//", "//user:"+url.QueryEscape(token)+"@", 1))
			return err
		},
		"in a redirect": func() error {
			c := newClient(t, Options{})
			_, _, err := do(t, c, http.MethodPost, away.URL, "")
			return err
		},
		"in a header": func() error {
			c := newClient(t, Options{Authorize: func(r *http.Request) { r.Header.Set("X-Key", token+"\n") }})
			_, _, err := get(t, c, broken.URL)
			return err
		},
		"in a proxy": func() error {
			c := newClient(t, Options{Proxy: "http://user:" + proxyPassword + "@127.0.0.1:1"})
			_, _, err := get(t, c, broken.URL)
			return c.Explain(fmt.Errorf("through user:%s: %w", proxyPassword, err))
		},
		"made by the caller": func() error {
			return newClient(t, Options{}).Explain(errors.New("token " + token + " at https://host/" + url.PathEscape(token) + "/x"))
		},
	} {
		err := call()
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		said := err.Error()
		var failure *NetworkError // as it is without Explain
		if errors.As(err, &failure) {
			said += failure.Error()
		}
		for _, secret := range []string{token, url.QueryEscape(token), url.PathEscape(token), proxyPassword, "s3cret"} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: %v", name, said)
			}
		}
		if strings.Contains(said, "\n") {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func TestAHeaderThatCannotBeSent(t *testing.T) {
	server := serve(t, plain, say(sound))
	c := newClient(t, Options{Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x\n") }})
	_, _, err := get(t, c, server.URL)
	if err == nil || !strings.HasSuffix(err.Error(), "no header can hold; look for a line end or a space in the token") || c.Stats().Retries != 0 {
		t.Errorf("%v %+v", err, c.Stats())
	}
}

// go-jira leaves the answer to its caller; go-pagerduty keeps no error but its
// text, and the URL in front of it.
func TestUnderTheVendorsClients(t *testing.T) {
	gone := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusGone)
		_, _ = io.WriteString(w, `{"errorMessages":["The requested API has been removed."]}`)
	}))
	c := newClient(t, Options{})
	vendor, err := jira.NewClient(c.HTTP(), gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	req, _ := vendor.NewRequestWithContext(t.Context(), http.MethodGet, "rest/api/2/search?jql=x", nil)
	resp, err := vendor.Do(req, nil)
	if err == nil || resp == nil {
		t.Fatal(resp, err)
	}
	want := "jira: GET /rest/api/2/search: 410 Gone: The requested API has been removed; the vendor has removed this endpoint: update srekpi"
	if got := c.Explain(c.Check(resp.Response)); got.Error() != want {
		t.Error(got)
	}

	broken := serve(t, plain, misbehave.Handler(nil, misbehave.Always(misbehave.Reset)))
	c = newClient(t, Options{Source: "pagerduty", Retries: 1})
	pd := pagerduty.NewClient(token, pagerduty.WithAPIEndpoint(broken.URL))
	pd.HTTPClient = c.HTTP()
	_, err = pd.ListIncidentsWithContext(t.Context(), pagerduty.ListIncidentsOptions{Since: "x"})
	want = "pagerduty: " + broken.Listener.Addr().String() + ": it broke the connection off after 2 attempts; " + later
	if got := c.Explain(err); got == nil || got.Error() != want {
		t.Error(got)
	}
}
