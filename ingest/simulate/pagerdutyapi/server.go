package pagerdutyapi

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say how the server behaves.
type Options struct {
	Clock     func() time.Time // nil: time.Now
	PerMinute int              // requests a minute; 0: the vendor's 960; negative: no limit
	Forbidden []string         // path prefixes that the token has no right to: 403

	// Lag hides incidents, log entries and change events younger than this from
	// the lists, as an index does that runs behind.
	Lag time.Duration
	// AnalyticsLag is the age of what analytics knows: it answers as of that
	// long ago. The vendor says up to 24 hours.
	AnalyticsLag time.Duration
}

// Server answers for one account.
type Server struct {
	account *Account
	options Options
	mux     *http.ServeMux
	quota   quota
	view    *view // guarded by account.mu; nil: to be built

	mu       sync.Mutex
	requests map[string]int
}

// New returns a server for the account, which from now on is changed through Update only.
func New(a *Account, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.PerMinute == 0 {
		o.PerMinute = 960
	}
	s := &Server{account: a, options: o, mux: http.NewServeMux(), requests: map[string]int{}}
	s.quota.perMinute = o.PerMinute
	s.handle("GET /incidents", s.listIncidents)
	s.handle("GET /incidents/{id}", s.getIncident)
	s.handle("GET /incidents/{id}/log_entries", s.listIncidentLogEntries)
	s.handle("GET /log_entries", s.listLogEntries)
	s.handle("GET /change_events", s.listChangeEvents)
	s.handle("GET /oncalls", s.listOncalls)
	s.handle("GET /users/me", s.getMe)
	s.handle("POST /analytics/raw/incidents", s.listAnalytics)
	for _, name := range referenceLists {
		s.handle("GET /"+name, s.listReferences(name))
	}
	return s
}

// Update changes the account; the next request sees the change.
func (s *Server) Update(change func(*Account)) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	change(s.account)
	s.view = nil
}

// Requests says how often each endpoint was asked, refused requests included,
// by names such as "GET /incidents/{id}".
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// handler answers one request out of the account as it is now. It returns the
// whole body, so that the account is not locked while a slow client reads.
type handler func(v *view, r *http.Request) ([]byte, *refusal)

func (s *Server) handle(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, refused := s.answer(h, r)
		if refused != nil {
			refused.write(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
}

// ServeHTTP refuses what the vendor refuses before it looks at the question.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.options.Clock()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	_, pattern := s.mux.Handler(r)
	s.count(pattern, r)
	s.account.mu.RLock()
	token := s.account.Token
	s.account.mu.RUnlock()
	if r.Header.Get("Authorization") != "Token token="+token {
		unauthorized.write(w)
		return
	}
	if !s.quota.take(now, w.Header()) {
		tooManyRequests.write(w)
		return
	}
	for _, prefix := range s.options.Forbidden {
		if strings.HasPrefix(r.URL.Path, prefix) {
			forbidden.write(w)
			return
		}
	}
	switch {
	case pattern != "":
		s.mux.ServeHTTP(w, r)
	case r.Method != http.MethodGet: // the key is read-only
		forbidden.write(w)
	default:
		notFound.write(w)
	}
}

func (s *Server) count(pattern string, r *http.Request) {
	if pattern == "" {
		pattern = r.Method + " " + r.URL.Path
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[pattern]++
}

// answer keeps the account from being changed while it is read.
func (s *Server) answer(h handler, r *http.Request) ([]byte, *refusal) {
	for {
		if body, refused, ready := s.tryAnswer(h, r); ready {
			return body, refused
		}
		s.prepare()
	}
}

func (s *Server) tryAnswer(h handler, r *http.Request) (body []byte, refused *refusal, ready bool) {
	s.account.mu.RLock()
	defer s.account.mu.RUnlock()
	if s.view == nil {
		return nil, nil, false
	}
	body, refused = h(s.view, r)
	return body, refused, true
}

// prepare builds the view anew after an update.
func (s *Server) prepare() {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	if s.view == nil {
		s.view = newView(s.account)
	}
}

// visible is the end of what the lists show yet.
func (s *Server) visible() time.Time {
	return s.options.Clock().Add(-s.options.Lag)
}
