package jiraapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// refusal is an answer that is not 200.
type refusal struct {
	status int
	body   string
	kind   string // Content-Type; empty: JSON
}

func (r *refusal) Error() string { return r.body }

// refuse words a refusal the way that Jira's API does.
func refuse(status int, message string) error {
	text, _ := json.Marshal(message)
	return &refusal{status: status, body: `{"errorMessages":[` + string(text) + `],"errors":{}}`}
}

func invalid(message string) error { return refuse(http.StatusBadRequest, message) }

// invalidBody is Cloud's word for JSON of another shape than documented.
func invalidBody() error {
	return invalid("Invalid request payload. Refer to the REST API documentation and try again.")
}

func noSuchIssue() error {
	return refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
}

func (c *call) authorized() error {
	if c.site.Cloud {
		if user, token, ok := c.BasicAuth(); ok && user == c.site.User && token == c.site.Token {
			return nil
		}
		return &refusal{status: http.StatusUnauthorized, body: "Client must be authenticated to access this resource.", kind: "text/plain;charset=UTF-8"}
	}
	if c.Header.Get("Authorization") == "Bearer "+c.site.Token {
		return nil
	}
	return &refusal{status: http.StatusUnauthorized, body: `{"message":"Client must be authenticated to access this resource.","status-code":401}`}
}

// limiter lets so many requests through in each minute of the server's clock.
type limiter struct {
	perMinute int

	mu     sync.Mutex
	opened time.Time
	used   int
}

func (l *limiter) take(h http.Header, now time.Time, cloud bool) error {
	if l.perMinute <= 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.opened) >= time.Minute || now.Before(l.opened) {
		l.opened, l.used = now, 0
	}
	l.used++
	left := max(l.perMinute-l.used, 0)
	wait := l.opened.Add(time.Minute).Sub(now)
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	over := l.used > l.perMinute
	if cloud && !over {
		if left*5 < l.perMinute {
			h.Set("X-RateLimit-NearLimit", "true")
		}
		return nil
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.perMinute))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	if !cloud {
		h.Set("X-RateLimit-Interval-Seconds", "60")
		h.Set("X-RateLimit-FillRate", strconv.Itoa(l.perMinute))
	}
	if !over {
		h.Set("Retry-After", "0") // Data Center sends it always
		return nil
	}
	h.Set("Retry-After", seconds)
	if cloud {
		// documented as yyyy-MM-ddTHH:mmZ: up to a minute too early
		h.Set("X-RateLimit-Reset", now.Add(wait).UTC().Format("2006-01-02T15:04Z"))
		h.Set("RateLimit-Reason", "jira-quota-based")
		return refuse(http.StatusTooManyRequests, "Rate limit exceeded.")
	}
	return &refusal{status: http.StatusTooManyRequests, body: `{"message":"Rate limit exceeded."}`}
}
