package rest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Another port is another host, which net/http does not hold.
func TestCredentialsStayWithTheFirstHost(t *testing.T) {
	var got http.Header
	keep := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		say(sound).ServeHTTP(w, r)
	})
	other := serve(t, plain, keep)
	mux := http.NewServeMux()
	mux.Handle("/end", keep)
	mux.Handle("/same", http.RedirectHandler("/end", http.StatusFound))
	mux.Handle("/other", http.RedirectHandler(other.URL+"/end", http.StatusTemporaryRedirect))
	mux.Handle("/twice", http.RedirectHandler("/other", http.StatusFound))
	server := serve(t, plain, mux)

	c := newClient(t, Options{Authorize: func(r *http.Request) { r.Header.Set("X-Key", token) }})
	for path, credentials := range map[string]bool{"/end": true, "/same": true, "/other": false, "/twice": false} {
		req, _ := http.NewRequest(http.MethodGet, server.URL+path+"?jql="+token, nil)
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Authorization", token) // as go-pagerduty does
		req.Header.Set("Cookie", token)
		req.Header.Set("X-Other", token)
		resp, err := c.HTTP().Do(req)
		if err != nil {
			t.Fatal(path, err)
		}
		resp.Body.Close()
		has := got.Get("X-Key") == token && got.Get("Authorization") == token && got.Get("X-Other") == token
		holds := false
		for _, values := range got {
			for _, value := range values {
				holds = holds || strings.Contains(value, token)
			}
		}
		if credentials && !has || !credentials && holds || got.Get("Accept") != "application/json" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	unsafe := serve(t, plain, say(sound))
	mux := http.NewServeMux()
	mux.Handle("/down", http.RedirectHandler(unsafe.URL+"/x?token=abc", http.StatusFound))
	mux.Handle("/moved", http.RedirectHandler("/new?token=abc", http.StatusMovedPermanently))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.Handle("/ftp", http.RedirectHandler("ftp://127.0.0.1/", http.StatusFound))
	server := serve(t, overTLS, mux)
	for name, want := range map[string]string{
		"GET /down":   "redirects from https to " + unsafe.URL + "/x; check url in the config",
		"POST /moved": "redirects a POST to " + server.URL + "/new; set url in the config to where it leads",
		"GET /round":  "ten redirects in a row; check url in the config",
		"GET /ftp":    "redirects from https to ftp://127.0.0.1/; check url in the config",
	} {
		method, path, _ := strings.Cut(name, " ")
		c := newClient(t, Options{CAFile: caFile(t, server)})
		_, _, err := do(t, c, method, server.URL+path, "")
		if err == nil || err.Error() != "jira: "+server.Listener.Addr().String()+": "+want || c.Stats().Retries != 0 {
			t.Errorf("%s: %v %+v", name, err, c.Stats())
		}
	}
}

func TestARedirectedPostKeepsItsBody(t *testing.T) {
	var got string
	mux := http.NewServeMux()
	mux.Handle("/moved", http.RedirectHandler("/new", http.StatusPermanentRedirect))
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + string(body)
	})
	server := serve(t, plain, mux)
	if status, _, err := do(t, newClient(t, Options{}), http.MethodPost, server.URL+"/moved", "body"); status != 200 || got != "POST body" || err != nil {
		t.Errorf("%d %q %v", status, got, err)
	}
}

func TestWhichHostsAreOne(t *testing.T) {
	for _, pair := range []struct {
		a, b string
		same bool
	}{
		{"https://a", "https://A:443/x", true},
		{"http://a:80", "https://a", true}, // the way up
		{"https://a", "https://b.a", false},
		{"https://a", "https://a:8443", false},
		{"https://a:80", "https://a", false},
		{"https://[::1]:443", "https://[::1]", true},
	} {
		a, _ := url.Parse(pair.a)
		b, _ := url.Parse(pair.b)
		if canonicalHost(a) == canonicalHost(b) != pair.same {
			t.Error(pair)
		}
	}
}
