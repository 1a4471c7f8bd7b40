package serve

import (
	"context"
	"net/http"
	"sync"
)

// requestHeader numbers a request between the server and its engine, and endedPath asks there for its end. Clients
// reach neither.
const (
	requestHeader = "X-Srekpi-Request"
	endedPath     = "/ended"
)

// underWay are the requests that an engine has not done with yet. One whose client has left ends when its statement
// does: stopping it is only a request, which the planning of a query does not look at.
type underWay struct {
	mu   sync.Mutex
	ends map[string]chan struct{}
}

func (u *underWay) begin(id string) (end func()) {
	over := make(chan struct{})
	u.mu.Lock()
	if u.ends == nil {
		u.ends = map[string]chan struct{}{}
	}
	u.ends[id] = over
	u.mu.Unlock()
	return func() {
		u.mu.Lock()
		delete(u.ends, id)
		u.mu.Unlock()
		close(over)
	}
}

// wait returns when the request has ended, or the context.
func (u *underWay) wait(ctx context.Context, id string) {
	u.mu.Lock()
	over := u.ends[id]
	u.mu.Unlock()
	if over == nil {
		return
	}
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// outlast returns when the engine has done with a request whose client has left. An engine that does not stop what it
// runs is ended: nobody would know what else it has time for.
func (e *engine) outlast(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine"+endedPath, nil)
	if err == nil {
		req.Header.Set(requestHeader, id)
		var resp *http.Response
		if resp, err = e.proxy.Transport.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}
	if err != nil && !e.ended() {
		e.kill("a query did not stop when its client had left")
		<-e.gone
	}
}
