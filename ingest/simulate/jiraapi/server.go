package jiraapi

import (
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are what a test sets; the zero value behaves as the vendor's own.
type Options struct {
	Clock      func() time.Time // nil: time.Now
	Lag        time.Duration    // a search finds an issue's version this long after its Updated; until then the version before
	PerMinute  int              // requests; 0: no limit. The minute is the Clock's
	SearchPage int              // largest page of any search; 0: the vendor's
	IsLast     IsLast           // what Cloud's search says of its last page
}

// IsLast is how far the field isLast of a Cloud search can be trusted.
type IsLast int

const (
	IsLastTrue    IsLast = iota // it tells the truth
	IsLastOmitted               // it is not sent
	IsLastFalse                 // it is the opposite of the truth
)

// Server is the HTTP interface of a Site.
type Server struct {
	site  *Site
	o     Options
	mux   *http.ServeMux
	limit limiter
	index *index

	counting sync.Mutex
	requests map[string]int
}

// New serves a site. From here on it is changed through Update.
func New(site *Site, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{site: site, o: o, mux: http.NewServeMux(), requests: map[string]int{}}
	s.limit.perMinute = o.PerMinute
	s.index = newIndex(site, nil, o.Lag, o.Clock())
	s.routes()
	return s
}

// Update changes the site while nobody reads it. Issues whose Updated, Created,
// Key or Hidden differ afterwards, that have other fields or histories in number
// or that were touched are rendered anew.
func (s *Server) Update(change func(*Site)) {
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	change(s.site)
	s.index = newIndex(s.site, s.index, s.o.Lag, s.o.Clock())
}

// Requests counts what was asked for since New by endpoint, such as
// "GET /rest/api/2/issue/{id}/worklog", whatever the answer was.
func (s *Server) Requests() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.requests)
}

func (s *Server) routes() {
	versions := []string{"2"}
	if s.site.Cloud {
		versions = append(versions, "3")
	}
	for _, v := range versions {
		root := "/rest/api/" + v
		on := func(pattern string, answer func(*call) ([]byte, error)) {
			method, path, _ := strings.Cut(pattern, " ")
			s.mux.HandleFunc(method+" "+root+path, s.serve(v == "3", answer))
		}
		if s.site.Cloud {
			on("GET /search", removedSearch)
			on("POST /search", removedSearch)
			on("GET /search/jql", searchCloud)
			on("POST /search/jql", searchCloud)
			on("POST /changelog/bulkfetch", bulkChangelog)
			on("GET /issue/{id}/changelog", issueChangelog)
		} else {
			on("GET /search", searchDataCenter)
			on("POST /search", searchDataCenter)
		}
		on("GET /myself", myself)
		on("GET /serverInfo", serverInfo)
		on("GET /field", fieldList)
		on("GET /status", statusList)
		on("GET /issue/{id}", issueByKey)
		on("GET /issue/{id}/worklog", issueWorklog)
		on("GET /issue/{id}/comment", issueComments)
		on("GET /worklog/updated", worklogUpdated)
		on("GET /worklog/deleted", worklogDeleted)
		on("POST /worklog/list", worklogList)
	}
	s.mux.HandleFunc("/", s.serve(false, func(c *call) ([]byte, error) {
		return nil, &refusal{status: http.StatusNotFound,
			body: `{"message":"null for uri: ` + s.site.BaseURL + c.URL.Path + `","status-code":404}`}
	}))
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.o.Clock().UTC().Format(http.TimeFormat))
	_, pattern := s.mux.Handler(r)
	s.counting.Lock()
	s.requests[pattern]++
	s.counting.Unlock()
	s.mux.ServeHTTP(w, r)
}

// call is one request while it is answered; the site stands still during it.
type call struct {
	*http.Request
	site  *Site
	index *index
	o     Options
	zone  *time.Location
	now   time.Time
	rich  bool // version 3: long texts are documents, not strings
}

func (s *Server) serve(rich bool, answer func(*call) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.site.mu.RLock()
		defer s.site.mu.RUnlock()
		c := &call{Request: r, site: s.site, index: s.index, o: s.o, zone: s.index.zone, now: s.o.Clock(), rich: rich}
		body, err := func() ([]byte, error) {
			if err := s.limit.take(w.Header(), c.now, s.site.Cloud); err != nil {
				return nil, err
			}
			if err := c.authorized(); err != nil {
				return nil, err
			}
			return answer(c)
		}()
		status, kind := http.StatusOK, "application/json;charset=UTF-8"
		var no *refusal
		if errors.As(err, &no) {
			status, body = no.status, []byte(no.body)
			if no.kind != "" {
				kind = no.kind
			}
		} else if err != nil {
			status, body = http.StatusInternalServerError, []byte(err.Error())
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body)
	}
}
