package rest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// hosts holds the places that each host has for requests under way.
type hosts struct {
	limit  int
	mu     sync.Mutex
	places map[string]chan struct{}
}

// enter waits for a place; leave gives it back.
func (h *hosts) enter(ctx context.Context, host string) (leave func(), err error) {
	h.mu.Lock()
	if h.places == nil {
		h.places = make(map[string]chan struct{})
	}
	places := h.places[host]
	if places == nil {
		places = make(chan struct{}, h.limit)
		h.places[host] = places
	}
	h.mu.Unlock()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// canonicalHost is the host and, where it is not the scheme's usual one, the
// port: http://a and https://a:443 are one host, https://a:8443 is another.
func canonicalHost(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return host
	}
	return host + " " + port
}

// first is the request that the caller sent, before any redirect.
func first(req *http.Request) *http.Request {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	return req
}
