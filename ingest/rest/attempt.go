package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"
)

// maxBody bounds the memory that one answer can take.
const maxBody = 256 << 20

// attempt is the transport of a single attempt: it sends the request once and
// reads the whole answer.
type attempt struct {
	c         *Client
	transport *http.Transport
}

// CloseIdleConnections is called by retryablehttp when a call has failed.
func (a *attempt) CloseIdleConnections() { a.transport.CloseIdleConnections() }

func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.send(req)
	if err != nil {
		return nil, &NetworkError{Host: req.URL.Host, Err: err, secrets: a.c.secrets}
	}
	resp.Request = req
	return resp, nil
}

func (a *attempt) send(req *http.Request) (*http.Response, error) {
	c := a.c
	if req.URL.Scheme != "https" && req.URL.Scheme != "http" || req.URL.Host == "" {
		closeBody(req)
		return nil, refusal{"no URL of a web server", "url in the config must begin with https://"}
	}
	// The time in the queue is not the server's fault: it counts from here on.
	leave, err := c.hosts.enter(req.Context(), canonicalHost(req.URL))
	if err != nil {
		closeBody(req)
		return nil, err
	}
	defer leave()
	slow := slowness{c.o.AttemptTimeout}
	ctx, cancel := context.WithTimeoutCause(req.Context(), c.o.AttemptTimeout, slow)
	defer cancel()

	sent := req.Clone(ctx)
	if c.o.Authorize != nil && canonicalHost(first(req).URL) == canonicalHost(req.URL) {
		c.o.Authorize(sent)
	}
	c.count.requests.Add(1)
	resp, err := a.transport.RoundTrip(sent)
	if err == nil {
		c.clock.read(resp, c.o.Now())
		err = a.readBody(resp)
	}
	// A server that sees the connection close may end its answer in good order
	// while the end is still read: what was read when time ran out is not whole.
	if ctx.Err() != nil {
		err = context.Cause(ctx) // slow, which callers do not take for their own deadline
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// readBody replaces the body by what it says once it has all arrived.
func (a *attempt) readBody(resp *http.Response) error {
	defer resp.Body.Close()
	limit := a.c.maxBody
	// Most answers do not tell their length. The buffer that they grow is used
	// again, what is kept of it is as long as the answer.
	scratch := scratches.Get().(*bytes.Buffer)
	defer func() {
		if scratch.Cap() <= maxScratch {
			scratch.Reset()
			scratches.Put(scratch)
		}
	}()
	n, err := scratch.ReadFrom(io.LimitReader(resp.Body, limit+1))
	a.c.count.bytes.Add(uint64(n))
	if err != nil {
		return err
	}
	if n > limit {
		return refusal{fmt.Sprintf("an answer larger than %d MiB", limit>>20), "check that url in the config is the API's"}
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" && resp.StatusCode/100 == 2 && n > 0 {
		return page{}
	}
	whole := &body{text: bytes.Clone(scratch.Bytes())}
	whole.Reset(whole.text)
	resp.Body = whole
	resp.ContentLength = n
	return nil
}

// maxScratch is the largest buffer that is kept for the next answer.
const maxScratch = 8 << 20

var scratches = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// body is an answer's body that has all arrived.
type body struct {
	bytes.Reader
	text []byte
}

func (b *body) Close() error { return nil }

// ReadAll gives the body of an answer that nobody has read yet. That of a
// [Client] is not copied.
func ReadAll(resp *http.Response) ([]byte, error) {
	if b, ok := resp.Body.(*body); ok {
		return b.text, nil
	}
	return io.ReadAll(resp.Body)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// slowness ends an attempt.
type slowness struct{ after time.Duration }

func (s slowness) Error() string { return fmt.Sprintf("no whole answer within %s", s.after) }
func (s slowness) Timeout() bool { return true }

// page is a web page where data was asked for.
type page struct{}

func (page) Error() string { return "a web page instead of data" }

// refusal is a failure that another attempt cannot mend, with the next step.
type refusal struct{ what, next string }

func (r refusal) Error() string   { return r.what + "; " + r.next }
func (r refusal) permanent() bool { return true }
