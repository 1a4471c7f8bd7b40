// Package misbehave makes a healthy HTTP handler behave as servers and networks
// do on a bad day, so that tests can show that a reader loses nothing by it.
package misbehave

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Fault is one way to misbehave.
type Fault int

// The faults. Those marked * ask the handler behind for the true answer first.
const (
	None           Fault = iota
	TooMany              // 429 with the headers given
	Unavailable503       // 503 with the headers given
	Internal500          // 500 with a text
	BadGateway502        // 502 with a web page, as proxies send it
	Reset                // the connection is reset before an answer
	ResetBody            // * the connection is reset in the middle of the body
	Truncate             // * fewer bytes than Content-Length says, then the end
	Drip                 // a byte now and then, until the client gives up
	Hang                 // no answer, until the client gives up
	HTML200              // a login page, with status 200
)

// dripping is the time between two bytes of Drip.
const dripping = 10 * time.Millisecond

// Handler asks plan before each request what goes wrong with it; n counts them
// from 0, in the order in which they come. headers go with TooMany and
// Unavailable503.
func Handler(next http.Handler, plan func(n int, r *http.Request) Fault, headers ...http.Header) http.Handler {
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Read now: the server notices that a client has gone only once the
		// request has been read to its end.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		fault := plan(int(count.Add(1)-1), r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch fault {
		case None:
			next.ServeHTTP(w, r)
		case TooMany:
			status(w, http.StatusTooManyRequests, headers)
		case Unavailable503:
			status(w, http.StatusServiceUnavailable, headers)
		case Internal500:
			status(w, http.StatusInternalServerError, nil)
		case BadGateway502:
			page(w, http.StatusBadGateway, "Bad gateway")
		case Reset:
			reset(w)
		case ResetBody:
			cut(w, r, next, reset)
		case Truncate:
			cut(w, r, next, func(http.ResponseWriter) {})
		case Drip:
			drip(w, r)
		case Hang:
			<-r.Context().Done()
		case HTML200:
			page(w, http.StatusOK, "Log in")
		}
	})
}

func status(w http.ResponseWriter, code int, headers []http.Header) {
	for _, h := range headers {
		for name, values := range h {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
	}
	http.Error(w, http.StatusText(code), code)
}

func page(w http.ResponseWriter, code int, title string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, "<!DOCTYPE html><title>"+title+"</title><form><input name=user></form>")
}

// reset closes the connection so that the other side sees a reset, not an end.
// HTTP/2 has no connection to take: it resets the stream.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		panic(err)
	}
	raw := conn
	if tls, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = tls.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	raw.Close()
}

// cut sends the first half of the true answer under the length of the whole,
// then ends.
func cut(w http.ResponseWriter, r *http.Request, next http.Handler, end func(http.ResponseWriter)) {
	full := answer{header: http.Header{}, code: http.StatusOK}
	next.ServeHTTP(&full, r)
	whole := full.body.Bytes()
	if len(whole) == 0 {
		reset(w)
		return
	}
	maps.Copy(w.Header(), full.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	w.WriteHeader(full.code)
	_, _ = w.Write(whole[:len(whole)/2])
	_ = http.NewResponseController(w).Flush()
	end(w)
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	code   int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) {
	if !a.wrote {
		a.code, a.wrote = code, true
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.wrote = true
	return a.body.Write(b)
}

// drip sends white space, which begins any JSON text, for as long as it is read.
// Then it ends in good order, which must not pass for a whole answer.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	control := http.NewResponseController(w)
	tick := time.NewTicker(dripping)
	defer tick.Stop()
	for {
		if _, err := w.Write([]byte{' '}); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}
