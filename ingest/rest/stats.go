package rest

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what a client did so far. What net/http sends a second time by itself,
// over a new connection when a kept one turns out to be closed, is not in it.
type Stats struct {
	Requests uint64 // sent: each attempt and each redirect is one
	Retries  uint64 // attempts after a call's first
	Bytes    uint64 // of bodies, decompressed, those of failed attempts included
}

type counters struct{ requests, retries, bytes atomic.Uint64 }

// Stats is what the client did so far.
func (c *Client) Stats() Stats {
	return Stats{c.count.requests.Load(), c.count.retries.Load(), c.count.bytes.Load()}
}

// clock is the server's, as its last answer told it.
type clock struct {
	mu     sync.Mutex
	server time.Time
	skew   time.Duration
}

// read takes the time of an answer. A 5xx may come from a proxy in between.
func (k *clock) read(resp *http.Response, now time.Time) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || resp.StatusCode >= 500 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.server, k.skew = date, date.Sub(now)
}

// ServerTime is the time that the last answer bore, to the second; false before
// the first one that bore any.
func (c *Client) ServerTime() (time.Time, bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.server, !c.clock.server.IsZero()
}

// Skew is how far the server's clock was ahead of ours when the last answer
// came (negative: behind). The server cuts its time to the second.
func (c *Client) Skew() (time.Duration, bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.skew, !c.clock.server.IsZero()
}
