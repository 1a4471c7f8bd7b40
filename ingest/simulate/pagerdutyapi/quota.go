package pagerdutyapi

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// quota counts the requests of one minute, which begins with its first request.
type quota struct {
	perMinute int

	mu    sync.Mutex
	start time.Time
	used  int
}

// take uses up one request and says in the headers what is left. Like the
// vendor it gives the seconds until the limit resets and no Retry-After.
func (q *quota) take(now time.Time, h http.Header) bool {
	if q.perMinute < 0 {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if passed := now.Sub(q.start); passed >= time.Minute || passed < 0 {
		q.start, q.used = now, 0
	}
	allowed := q.used < q.perMinute
	if allowed {
		q.used++
	}
	left := q.start.Add(time.Minute).Sub(now)
	h.Set("ratelimit-limit", strconv.Itoa(q.perMinute))
	h.Set("ratelimit-remaining", strconv.Itoa(q.perMinute-q.used))
	h.Set("ratelimit-reset", strconv.Itoa(int((left+time.Second-1)/time.Second)))
	return allowed
}
