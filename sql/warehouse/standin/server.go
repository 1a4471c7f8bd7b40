package standin

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"

	"github.com/srekpi/srekpi/sql/chdb"
)

// Server answers ClickHouse's HTTP protocol on a loopback port.
type Server struct {
	URL string

	// Answer, when set, may answer a statement in the engine's place.
	Answer func(statement string) (text string, ok bool)

	// Lose, when set, says whether the answer to a statement is lost after it was carried out.
	Lose func(statement string) bool

	engine  *chdb.Engine
	front   *httptest.Server
	mu      sync.Mutex
	running map[string]*query
}

type query struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Open serves the engine's data in a folder.
func Open(dir string) (*Server, error) {
	library, err := chdb.Find("")
	if err != nil {
		return nil, err
	}
	engine, err := chdb.Open(library, dir)
	if err != nil {
		return nil, err
	}
	s := &Server{engine: engine, running: map[string]*query{}}
	s.front = httptest.NewServer(s)
	s.URL = s.front.URL
	return s, nil
}

// Address is the host and port.
func (s *Server) Address() string { return strings.TrimPrefix(s.URL, "http://") }

// Close ends what runs.
func (s *Server) Close() error {
	s.kill("")
	s.front.Close()
	return s.engine.Close()
}

// killing is the one form of KILL QUERY that the writers send.
var killing = regexp.MustCompile(`^KILL QUERY WHERE startsWith\(query_id, '([^']*)'\) SYNC$`)

// ServeHTTP answers one statement.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("query_id")
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	if id != "" {
		q := &query{cancel, make(chan struct{})}
		s.mu.Lock()
		s.running[id] = q
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.running, id)
			s.mu.Unlock()
			close(q.done)
		}()
	}
	var text []byte
	if r.URL.Query().Get("query") == "" { // else the body holds rows
		var err error
		if text, err = io.ReadAll(r.Body); err != nil {
			return // half a statement is none
		}
		if asked := killing.FindStringSubmatch(strings.TrimSpace(string(text))); asked != nil {
			s.kill(asked[1])
			return
		}
		if s.Answer != nil {
			if said, ok := s.Answer(string(text)); ok {
				text = []byte(said)
			}
		}
		r.Body = io.NopCloser(strings.NewReader(string(text)))
	}
	answer, err := s.engine.RoundTrip(r.WithContext(ctx))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer answer.Body.Close()
	if s.Lose != nil && s.Lose(r.URL.Query().Get("query")+string(text)) {
		io.Copy(io.Discard, answer.Body)
		panic(http.ErrAbortHandler) // cuts the connection
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	io.Copy(w, answer.Body)
}

func (s *Server) kill(prefix string) {
	s.mu.Lock()
	var stopped []*query
	for id, q := range s.running {
		if strings.HasPrefix(id, prefix) {
			stopped = append(stopped, q)
		}
	}
	s.mu.Unlock()
	for _, q := range stopped {
		q.cancel()
		<-q.done
	}
}
