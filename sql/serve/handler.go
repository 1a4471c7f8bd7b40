package serve

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// handler lets a request through the gates that need no engine.
func (s *Server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if no := fromElsewhere(r); no != "" {
			(&exception{code: 497, text: "Code: 497. DB::Exception: " + no + " (ACCESS_DENIED)"}).write(w, r)
			return
		}
		// A semicolon is part of a query here; the standard library drops what holds one.
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, ";", "%3B")
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost:
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			(&exception{code: 48, status: http.StatusMethodNotAllowed, text: fmt.Sprintf("Code: 48. DB::Exception: There is no answer to %s here. (NOT_IMPLEMENTED)", r.Method)}).write(w, r)
			return
		}
		switch {
		case r.URL.Path == "/ping", r.URL.Path == "/replicas_status", r.URL.Path == "/" && r.Method != http.MethodPost && !r.URL.Query().Has("query"):
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
			_, _ = io.WriteString(w, "Ok.\n")
		case r.URL.Path != "/" && r.URL.Path != "/query":
			http.Error(w, "There is no such page here. Use / for queries, and /ping to ask whether the server runs.", http.StatusNotFound)
		default:
			s.query(w, r)
		}
	})
}

// fromElsewhere says why a browser that shows somebody's page may not ask.
func fromElsewhere(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	if !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return "The request names another host than this machine; connect to localhost or 127.0.0.1."
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if from, err := url.Parse(origin); err != nil || from.Host == "" || from.Host != r.Host {
			return "The request comes from a page of another site."
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return ""
	}
	return "The request comes from a page of another site."
}

const bodyPatience = 30 * time.Second

// query asks the engine, when the client may and its turn has come.
func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	if err := s.logins.admit(r); err != nil {
		if err.code == codePassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="srekpi", charset="UTF-8"`)
		}
		err.write(w, r)
		return
	}
	// Read here, so that a slow sender holds up nobody.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyPatience))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			asException(errTooLarge).write(w, r)
			return
		}
		panic(http.ErrAbortHandler) // it stopped sending
	}
	_ = control.SetReadDeadline(time.Time{})

	ctx := r.Context()
	leave, err := s.queue.enter(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer leave()
	engine, done, err := s.engines.take(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer done()
	if limit := s.o.Limits.MaxExecutionTime; limit > 0 {
		// The engine ends a query in time, and its process does when the engine does not.
		watch := time.AfterFunc(limit+6*grace, func() { engine.kill("a query did not end") })
		defer watch.Stop()
	}
	forward := r.WithContext(ctx)
	forward.Body, forward.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	id := rand.Text()
	forward.Header = r.Header.Clone()
	forward.Header.Set(requestHeader, id)
	whole := false
	defer func() {
		if !whole {
			engine.outlast(id)
		}
	}()
	engine.proxy.ServeHTTP(w, forward) // panics where the answer breaks off
	whole = true
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	var own *exception
	if !errors.As(err, &own) {
		own = unavailable(err)
	}
	w.Header().Set("Retry-After", "5")
	own.write(w, r)
}

// unavailable says why no engine answers.
func unavailable(err error) *exception {
	return &exception{code: codeNetwork, status: http.StatusServiceUnavailable, text: fmt.Sprintf("Code: %d. DB::NetException: %v. (NETWORK_ERROR)", codeNetwork, err)}
}

// queue lets so many in at once, and so many wait.
type queue struct {
	running, all chan struct{}
}

func newQueue(running, waiting int) *queue {
	return &queue{running: make(chan struct{}, running), all: make(chan struct{}, running+waiting)}
}

const turnPatience = time.Minute

func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	full := exceptionf(codeTooMany, "Too many simultaneous queries: %d run and %d wait. (TOO_MANY_SIMULTANEOUS_QUERIES)", cap(q.running), cap(q.all)-cap(q.running))
	select {
	case q.all <- struct{}{}:
	default:
		return nil, full
	}
	ctx, cancel := context.WithTimeout(ctx, turnPatience)
	defer cancel()
	select {
	case q.running <- struct{}{}:
		return func() { <-q.running; <-q.all }, nil
	case <-ctx.Done():
		<-q.all
		return nil, full
	}
}
