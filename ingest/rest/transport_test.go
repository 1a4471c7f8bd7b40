package rest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

func TestACustomAuthority(t *testing.T) {
	server := serve(t, overTLS, say(sound))
	c := newClient(t, Options{})
	_, _, err := get(t, c, server.URL+"?token=x")
	want := "jira: " + server.Listener.Addr().String() + ": its certificate is signed by an unknown authority; set network.ca_file in the config to the authority's PEM file"
	if err == nil || err.Error() != want || c.Stats().Requests != 1 {
		t.Errorf("%v %+v", err, c.Stats())
	}

	c = newClient(t, Options{CAFile: caFile(t, server)})
	if _, body, err := get(t, c, server.URL); body != sound || err != nil {
		t.Error(body, err)
	}
	// The certificate is for 127.0.0.1 and example.com.
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c = newClient(t, Options{CAFile: caFile(t, server)})
	if _, _, err := get(t, c, "https://localhost:"+port); err == nil || !strings.Contains(err.Error(), "its certificate is for another name; check url") || c.Stats().Requests != 1 {
		t.Error(err, c.Stats())
	}

	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		empty:             "jira: network.ca_file: " + empty + " has no certificate; it must be PEM (-----BEGIN CERTIFICATE-----)",
		"/nowhere/ca.pem": "jira: network.ca_file: there is no file /nowhere/ca.pem; put the authority's PEM file there",
	} {
		if _, err := New(Options{Source: "jira", CAFile: file}); err == nil || err.Error() != want {
			t.Error(err)
		}
	}
}

func TestAServerWithoutTLS(t *testing.T) {
	server := serve(t, plain, say(sound))
	c := newClient(t, Options{})
	_, _, err := get(t, c, strings.Replace(server.URL, "http:", "https:", 1))
	if err == nil || !strings.Contains(err.Error(), ": it does not speak TLS; check the scheme and port of url in the config") || c.Stats().Requests != 1 {
		t.Error(err, c.Stats())
	}
}

// newProxy is a proxy for both kinds of URL, that wants a password if it has one.
func newProxy(t *testing.T, password string) (server *httptest.Server, seen *[]string) {
	t.Helper()
	seen = new([]string)
	return serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r.Method+" "+r.Host)
		if r.Header.Get("Proxy-Authorization") == "" && password != "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method != http.MethodConnect {
			r.RequestURI = ""
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			defer resp.Body.Close()
			w.WriteHeader(resp.StatusCode)
			_, _ = io.Copy(w, resp.Body)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	})), seen
}

func TestAProxyIsUsedForBothSchemes(t *testing.T) {
	for _, password := range []string{"", "pr0xy"} {
		for _, start := range []func(*httptest.Server){plain, overTLS} {
			server := serve(t, start, misbehave.Handler(say(sound), misbehave.First(misbehave.TooMany)))
			proxy, seen := newProxy(t, password)
			through := proxy.URL
			if password != "" {
				through = strings.Replace(proxy.URL, "//", "//user:"+password+"@", 1)
			}
			c := newClient(t, Options{CAFile: caFile(t, server), Proxy: through})
			if _, body, err := get(t, c, server.URL); body != sound || err != nil {
				t.Error(body, err)
			}
			if len(*seen) == 0 || !strings.HasSuffix((*seen)[0], " "+server.Listener.Addr().String()) {
				t.Errorf("%v went through the proxy", *seen)
			}
			c.HTTP().CloseIdleConnections()
		}
	}
}

func TestProxiesThatDoNotServe(t *testing.T) {
	server := serve(t, overTLS, say(sound))
	unsafe := serve(t, plain, say(sound))
	strict, _ := newProxy(t, "pr0xy")
	open, _ := newProxy(t, "")
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, c := range map[string]struct {
		proxy, url string
		requests   uint64
		want       string
	}{
		"wants a password": {strict.URL, server.URL, 1, "proxy answers 407 Proxy Authentication Required; set user and password in network.proxy of the config, or in HTTPS_PROXY"},
		"is not there":     {strings.Replace(gone.URL, "//", "//u:pr0xy@", 1), server.URL, 3, "the proxy cannot be reached: connect: connection refused after 3 attempts; check network.proxy in the config, or HTTPS_PROXY"},
		"is not there, for http": {gone.URL, unsafe.URL, 3,
			"the proxy cannot be reached: connect: connection refused after 3 attempts; check network.proxy in the config, or HTTPS_PROXY"},
		"cannot reach the server": {open.URL, strings.Replace(gone.URL, "http:", "https:", 1), 3, "proxy answers 502 Bad Gateway after 3 attempts; run it again later: it goes on where it stopped"},
	} {
		client := newClient(t, Options{Proxy: c.proxy, Retries: 2, CAFile: caFile(t, server)})
		_, _, err := get(t, client, c.url)
		host := c.url[strings.Index(c.url, "//")+2:]
		if err == nil || err.Error() != "jira: "+host+": "+c.want || client.Stats().Requests != c.requests {
			t.Errorf("%s: %v %+v", name, err, client.Stats())
		}
	}
	for _, proxy := range []string{"proxy:3128", "ftp://user:pr0xy@proxy", "http://user:pr0xy@:bad port"} {
		_, err := New(Options{Source: "jira", Proxy: proxy})
		if err == nil || err.Error() != "jira: network.proxy is not the URL of a proxy; write it as http://host:port" {
			t.Errorf("%s: %v", proxy, err)
		}
	}
}
