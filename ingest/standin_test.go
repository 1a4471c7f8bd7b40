package ingest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/rest"
)

// standIn is an API beside a site: its clock, and what a test sees of its traffic.
type standIn struct {
	url    string
	answer func() http.Handler

	mu    sync.Mutex
	time  time.Time                       // the API's clock
	front func(http.Handler) http.Handler // between the network and the API; nil: nothing
	asked func(n int, r *http.Request)    // told of each request; may be nil
	n     int                             // requests so far
}

// listen begins to answer. Waiting takes no time, but the API's clock goes on.
func (d *standIn) listen(t testing.TB, answer func() http.Handler) {
	d.answer = answer
	web := httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(web.Close)
	d.url = web.URL
	usual := network
	t.Cleanup(func() { network = usual })
	network = rest.Options{Wait: func(ctx context.Context, wait time.Duration) error {
		d.pass(wait)
		return ctx.Err()
	}}
}

func (d *standIn) serve(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	front, asked, n := d.front, d.asked, d.n
	d.n++
	d.mu.Unlock()
	if asked != nil {
		asked(n, r)
	}
	h := d.answer()
	if front != nil {
		h = front(h)
	}
	h.ServeHTTP(w, r)
}

func (d *standIn) theirs() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.time
}

// pass lets time pass for the API.
func (d *standIn) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.time = d.time.Add(t)
}

// between sets what stands between the network and the API.
func (d *standIn) between(front func(http.Handler) http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.front = front
}

// watch is told of each request before it is answered, counted from 0.
func (d *standIn) watch(asked func(n int, r *http.Request)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.n = asked, 0
}

func (d *standIn) requests() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}
