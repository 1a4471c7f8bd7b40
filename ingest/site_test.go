package ingest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// site is a folder with a config and exports beside a warehouse of its own.
type site struct {
	testing.TB
	dir string
	w   *warehouse.Warehouse
	now time.Time
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{TB: t, dir: t.TempDir(), now: time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)}
	s.w = openAt(t, s.dir)
	t.Cleanup(func() { s.w.Close() })
	return s
}

func openAt(t testing.TB, dir string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: "chdb://./data", Base: dir, Schema: sql.Schema()})
	if err != nil {
		t.Fatal(err) // says: make engine, when the library is missing
	}
	return w
}

func (s *site) write(name, text string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// config writes the sources, one line of YAML each.
func (s *site) config(sources ...string) *configs.Config {
	s.Helper()
	s.write("srekpi.yml", "sources:\n  - "+strings.Join(sources, "\n  - ")+"\n")
	c, err := configs.Load(filepath.Join(s.dir, "srekpi.yml"))
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *site) clock() time.Time {
	s.now = s.now.Add(time.Second)
	return s.now
}

// ingest runs and expects every source to succeed.
func (s *site) ingest(c *configs.Config) SourceResult {
	s.Helper()
	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock})
	if err != nil {
		s.Fatal(err)
	}
	for _, source := range r.Sources {
		if source.Err != nil {
			s.Fatal(source.Err)
		}
	}
	return r.Sources[0]
}

// fails runs and returns the first source's error.
func (s *site) fails(c *configs.Config) (SourceResult, string) {
	s.Helper()
	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock})
	if err != nil {
		s.Fatal(err)
	}
	if r.Sources[0].Err == nil {
		s.Fatal("the source succeeded")
	}
	return r.Sources[0], strings.ReplaceAll(r.Sources[0].Err.Error(), s.dir, "DIR")
}

// rows runs a query of one text column.
func (s *site) rows(query string, args ...any) []string {
	s.Helper()
	rows, err := s.w.Query(context.Background(), query, args...)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.Fatal(err)
		}
		out = append(out, text)
	}
	if rows.Err() != nil {
		s.Fatal(rows.Err())
	}
	return out
}

func (s *site) want(want []string, query string, args ...any) {
	s.Helper()
	if diff := cmp.Diff(want, s.rows(query, args...)); diff != "" {
		s.Error(diff)
	}
}

// current is the current payload of each record.
func (s *site) current() []string {
	s.Helper()
	return s.rows("SELECT argMax(payload, (ifNull(updated_at, toDateTime64(0, 3)), seq)) FROM raw_records GROUP BY source, entity, id ORDER BY source, entity, id")
}

func (s *site) read(name string) string {
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	return string(b)
}
