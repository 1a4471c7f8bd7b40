package main

import (
	"bytes"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// world is the simulated company. What its tools hold is made anew for each test.
var world = sync.OnceValue(func() *simulate.World { return simulate.New(simulate.Seed, simulate.AsOf) })

// tools are the company's tracker and pager while a test serves them: with what
// happened in a range of time, and something may stand in front of each.
type tools struct {
	jira      *jiraapi.Server
	pagerduty *pagerdutyapi.Server

	jiraURL, pagerdutyURL string
	atJira, atPagerDuty   front

	since time.Time
	clock atomic.Pointer[time.Time]
}

// serve serves the tools as they are at a moment, with what was made since
// another one (zero: all).
func serve(t *testing.T, since, at time.Time, o pagerdutyapi.Options) *tools {
	t.Helper()
	c := &tools{since: since}
	c.clock.Store(&at)
	clock := func() time.Time { return *c.clock.Load() }
	o.Clock, o.PerMinute = clock, -1 // a minute of a clock that stands never ends
	c.jira = jiraapi.New(world().Jira(), jiraapi.Options{Clock: clock})
	c.pagerduty = pagerdutyapi.New(world().PagerDuty(), o)
	c.turn(at)
	c.atJira.behind, c.atPagerDuty.behind = c.jira, c.pagerduty
	c.jiraURL, c.pagerdutyURL = listen(t, &c.atJira), listen(t, &c.atPagerDuty)
	return c
}

// turn sets the clock. An issue that was last touched later is not there yet: it
// appears, whole, when the clock has come so far. An incident is there as it was.
func (c *tools) turn(at time.Time) {
	c.clock.Store(&at)
	c.jira.Update(func(s *jiraapi.Site) {
		all := world().Jira()
		there := map[string]bool{}
		s.Issues = slices.DeleteFunc(all.Issues, func(i *jiraapi.Issue) bool {
			there[i.ID] = !i.Created.Before(c.since) && !i.Updated.After(at)
			return !there[i.ID]
		})
		s.Worklogs = slices.DeleteFunc(all.Worklogs, func(w *jiraapi.Worklog) bool { return !there[w.IssueID] })
	})
	c.pagerduty.Update(func(a *pagerdutyapi.Account) {
		all := world().PagerDuty()
		a.Incidents = slices.DeleteFunc(all.Incidents, func(i *pagerdutyapi.Incident) bool { return i.Created.Before(c.since) || i.Created.After(at) })
		for _, i := range a.Incidents {
			if i.Updated.After(at) { // it is open yet
				i.Entries = slices.DeleteFunc(i.Entries, func(e pagerdutyapi.LogEntry) bool { return e.At.After(at) })
				i.Status, i.MergedInto, i.Updated = "triggered", "", i.Entries[len(i.Entries)-1].At
			}
		}
		a.ChangeEvents = slices.DeleteFunc(all.ChangeEvents, func(e pagerdutyapi.ChangeEvent) bool { return e.At.Before(c.since) || e.At.After(at) })
	})
}

// asked is how many requests came to both tools.
func (c *tools) asked() int {
	n := 0
	for _, requests := range []map[string]int{c.jira.Requests(), c.pagerduty.Requests()} {
		for _, times := range requests {
			n += times
		}
	}
	return n
}

// front is what a request meets first.
type front struct {
	behind http.Handler
	now    atomic.Pointer[http.Handler]
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := f.now.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	f.behind.ServeHTTP(w, r)
}

// put has something stand in front; nil takes it away.
func (f *front) put(h http.Handler) {
	if h == nil {
		f.now.Store(nil)
		return
	}
	f.now.Store(&h)
}

// listen serves on a free port of this machine until the test is over.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go s.Serve(l) // ends with Close
	t.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String()
}

// office writes the company's config for these tools into a folder, with the
// tokens and the one sheet.
func (c *tools) office(t *testing.T, dir string) {
	t.Helper()
	if err := world().WriteSheet(filepath.Join(dir, "exports")); err != nil {
		t.Fatal(err)
	}
	if err := simulate.WriteTokens(dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "srekpi.yml"), simulate.ConfigFor(c.jiraURL, c.pagerdutyURL))
}

// logged runs to the end and returns the exit code and what was written to
// standard error.
func logged(t *testing.T, dir string, args ...string) (int, string) {
	t.Helper()
	cmd := command(t, dir, args...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), log.String()
}
