package rest

import (
	"net/http"
	"net/url"
	"slices"
)

// checkRedirect decides whether to follow, and takes the credentials off that a
// vendor's client put on. net/http does so for another domain only: it leaves
// them for subdomains and other ports, and leaves headers that it does not know.
func checkRedirect(req *http.Request, via []*http.Request) error {
	origin, last := via[0], via[len(via)-1]
	switch {
	case len(via) >= 10:
		return refusal{"ten redirects in a row", "check url in the config"}
	case last.URL.Scheme == "https" && req.URL.Scheme != "https":
		return refusal{"redirects from https to " + place(req.URL), "check url in the config"}
	case origin.Method != req.Method && origin.Method != http.MethodHead:
		// 301 to 303 turn a POST into a GET without its body.
		return refusal{"redirects a " + origin.Method + " to " + place(req.URL), "set url in the config to where it leads"}
	}
	if canonicalHost(origin.URL) != canonicalHost(req.URL) {
		for name := range req.Header {
			if !slices.Contains([]string{"Accept", "Accept-Encoding", "Content-Type", "User-Agent"}, name) {
				req.Header.Del(name)
			}
		}
	}
	return nil
}

// place is a URL without what may be secret in it.
func place(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
