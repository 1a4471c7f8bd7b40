package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads the standard header: seconds or a date. A wait that is over
// says nothing.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if wait, ok := seconds(text); ok {
		return wait, true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return until(date, now)
}

// JiraReset reads what Jira Cloud sends besides Retry-After: X-RateLimit-Reset,
// an ISO time to the minute or second, and Beta-RateLimit ("name";r=0;t=600),
// whose t are seconds until a quota is full again; that counts only once the
// quota has nothing left (r=0).
func JiraReset(h http.Header, now time.Time) (time.Duration, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if date, err := time.Parse(layout, h.Get("X-RateLimit-Reset")); err == nil {
			if wait, ok := until(date, now); ok {
				return wait, true
			}
		}
	}
	var longest time.Duration
	for _, name := range []string{"Beta-RateLimit", "RateLimit"} {
		for _, limit := range strings.Split(strings.Join(h.Values(name), ","), ",") {
			if wait, ok := exhausted(limit); ok {
				longest = max(longest, wait)
			}
		}
	}
	return longest, longest > 0
}

// exhausted reads one limit, "name";r=0;t=600, that has nothing left.
func exhausted(limit string) (time.Duration, bool) {
	left, reset := "", ""
	for _, part := range strings.Split(limit, ";") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "r":
			left = value
		case "t":
			reset = value
		}
	}
	if left != "0" {
		return 0, false
	}
	return seconds(reset)
}

// PagerDutyReset reads ratelimit-reset, the seconds until the minute's requests
// are there again. PagerDuty sends it with each answer, so it counts only where
// ratelimit-remaining does not say that some are left.
func PagerDutyReset(h http.Header, _ time.Time) (time.Duration, bool) {
	if left, err := strconv.Atoi(h.Get("Ratelimit-Remaining")); err == nil && left > 0 {
		return 0, false
	}
	return seconds(h.Get("Ratelimit-Reset"))
}

// seconds reads a whole number of them above 0.
func seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	return time.Duration(n) * time.Second, err == nil && n > 0
}

func until(date, now time.Time) (time.Duration, bool) {
	wait := date.Sub(now)
	return wait, wait > 0
}
