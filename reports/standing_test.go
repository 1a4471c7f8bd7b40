package reports

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

// A page stands while all that it follows from is the same and it lies there as
// it was written, with its evidence; whatever else is written anew.
func TestStandingPages(t *testing.T) {
	conn, c := filled(t, "sample")
	dir := t.TempDir()
	o := options(dir, c.AsOf)
	p := periodAt(t, metrics.Week, c.AsOf)
	open := func(o Options) *Standing {
		t.Helper()
		s, err := OpenStanding(t.Context(), conn, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	page := filepath.Join(dir, "weekly", p.Slug()+".html")
	beside := filepath.Join(dir, "weekly", p.Slug()+"-evidence", "more.html")
	make := func(issue *metrics.Issue) {
		t.Helper()
		s := open(o)
		made, err := Render(t.Context(), conn, o, metrics.Weekly, p, issue)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Wrote(made, issue); err != nil {
			t.Fatal(err)
		}
		if err := WriteIndex(o); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
	}
	stands := func(why string, o Options, issue *metrics.Issue, want bool) {
		t.Helper()
		if state, ok := open(o).Stands(metrics.Weekly, p, issue); ok != want || ok && state != "draft" {
			t.Errorf("%s: stands %v (%s), want %v", why, ok, state, want)
		}
	}
	stands("nothing was written", o, nil, false)
	make(nil)
	stands("all is the same", o, nil, true)

	retitled, later := o, o
	retitled.Title, later.AsOf = "Others", o.AsOf.AddDate(0, 0, 1)
	stands("another title", retitled, nil, false)
	stands("another clock", later, nil, false)
	stands("issued meanwhile", o, &metrics.Issue{IssuedAt: c.AsOf, DataAsOf: c.AsOf, Definition: "d"}, false)

	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, hand := range []struct {
		why, path string
		text      []byte
	}{{"the page is changed by hand", page, append(text, '\n')}, {"a file beside it that it does not have", beside, text}} {
		if err := os.MkdirAll(filepath.Dir(hand.path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(hand.path, hand.text, 0o644); err != nil {
			t.Fatal(err)
		}
		stands(hand.why, o, nil, false)
		make(nil)
		stands("written anew", o, nil, true)
	}
	if err := os.WriteFile(filepath.Join(dir, standingFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	stands("what is kept cannot be read", o, nil, false)
	make(nil)

	for _, change := range []string{
		"INSERT INTO quarantine (source, entity, id, reason) VALUES ('x', 'incident', '1', 'unreadable')",
		"INSERT INTO published_values (document, period_start, kpi) VALUES ('weekly', '2020-01-06', 'x')",
		"INSERT INTO raw_records (source, entity, id, run_id) VALUES ('x', 'incident', '1', 4000000)",
		"INSERT INTO builds (id, as_of, definition) SELECT max(id) + 1, argMax(as_of, id), argMax(definition, id) FROM builds",
	} {
		if err := conn.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		stands(change, o, nil, false)
		make(nil)
		stands("written anew", o, nil, true)
	}
	if err := os.Remove(page); err != nil {
		t.Fatal(err)
	}
	stands("the page is gone", o, nil, false)
}
