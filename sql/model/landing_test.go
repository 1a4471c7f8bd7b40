package model

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// site is a warehouse in which records land as ingest lands them, and the
// sources that a config describes.
type site struct {
	t    *testing.T
	conn driver.Conn
	cfg  *configs.Config
	seq  uint64
	file string // that records land from; empty: one per run
}

// newSite has the sources that a test writes as below `sources:` of a config.
func newSite(t *testing.T, sources string) *site {
	t.Helper()
	s := &site{t: t, conn: database(t, schemaTables...)}
	s.configure(sources)
	return s
}

func (s *site) configure(sources string) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "srekpi.yml")
	if err := os.WriteFile(path, []byte("sources:\n"+sources), 0o644); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.cfg, err = configs.Load(path); err != nil {
		s.t.Fatal(err)
	}
}

type rawRecord struct {
	Source    string     `ch:"source"`
	Entity    string     `ch:"entity"`
	ID        string     `ch:"id"`
	UpdatedAt *time.Time `ch:"updated_at"`
	FetchedAt time.Time  `ch:"fetched_at"`
	RunID     uint64     `ch:"run_id"`
	Seq       uint64     `ch:"seq"`
	Payload   string     `ch:"payload"`
	Deleted   uint8      `ch:"deleted"`
}

// land stores JSON objects of the first source as one complete run. Each is
// known by its "id"; "_version" states its version, "_deleted" deletes it.
func (s *site) land(run uint64, records ...string) {
	s.t.Helper()
	s.landIn(run, "complete", records...)
}

func (s *site) landIn(run uint64, status string, records ...string) {
	s.t.Helper()
	src := s.cfg.Sources[0]
	var rows []rawRecord
	for i, text := range records {
		s.seq++
		var known struct {
			ID      string    `json:"id"`
			Version time.Time `json:"_version"`
			Deleted bool      `json:"_deleted"`
		}
		if err := json.Unmarshal([]byte(text), &known); err != nil {
			s.t.Fatalf("%v in %s", err, text)
		}
		file := s.file
		if file == "" {
			file = fmt.Sprintf("run-%d.csv", run)
		}
		r := rawRecord{Source: src.Name, Entity: src.Entity, ID: known.ID, FetchedAt: asOf, RunID: run, Seq: s.seq,
			Payload: fmt.Sprintf(`%s,"_file":%q,"_line":%d}`, strings.TrimSuffix(text, "}"), file, i+2)}
		if !known.Version.IsZero() {
			r.UpdatedAt = &known.Version
		}
		if known.Deleted {
			r.Payload, r.Deleted = "", 1
		}
		rows = append(rows, r)
	}
	if err := warehouse.Insert(context.Background(), s.conn, "raw_records", rows); err != nil {
		s.t.Fatal(err)
	}
	s.ended(run, status)
}

// ended writes the run's state.
func (s *site) ended(run uint64, status string) {
	s.t.Helper()
	src := s.cfg.Sources[0]
	s.seq++
	mustExec(s.t, s.conn, "INSERT INTO sync_runs (run_id, source, entity, started_at, status, version) VALUES (?, ?, ?, ?, ?, ?)", run, src.Name, src.Entity, asOf, status, s.seq)
}

// stage stages all sources, and says per feed: runs taken, whether rebuilt,
// newly quarantined.
func (s *site) stage(full bool) string {
	s.t.Helper()
	feeds, err := Feeds(context.Background(), s.conn, s.cfg, shared.models)
	if err != nil {
		s.t.Fatal(err)
	}
	done, err := Stage(context.Background(), s.conn, feeds, full)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, d := range done {
		text := fmt.Sprintf("%d runs", d.Runs)
		if d.Rebuilt {
			text += ", rebuilt"
		}
		if d.Quarantined > 0 {
			text += fmt.Sprintf(", %d quarantined", d.Quarantined)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func (s *site) wantStage(full bool, says string) {
	s.t.Helper()
	if got := s.stage(full); got != says {
		s.t.Errorf("staging says %q, want %q", got, says)
	}
}

// want compares the rows of a query.
func (s *site) want(query string, rows ...string) {
	s.t.Helper()
	want(s.t, s.conn, query, rows...)
}

// The rows of quarantine that staging made.
const held = "SELECT id, file, line, reason FROM quarantine ORDER BY id, file, line, reason"
