package ingest

import (
	"context"
	"strings"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// quarantined is a record that could not be read.
type quarantined struct {
	Source    string    `ch:"source"`
	Entity    string    `ch:"entity"`
	ID        string    `ch:"id"`
	File      string    `ch:"file"`
	Line      uint64    `ch:"line"`
	Step      string    `ch:"step"`
	Reason    string    `ch:"reason"`
	Payload   string    `ch:"payload"`
	FirstSeen time.Time `ch:"first_seen"`
}

// quarantine stores the bad rows of a page that are not there yet, and returns
// how many those were. The rows are in the order of their lines.
func (s *fileSource) quarantine(ctx context.Context, file string, bad []quarantined) (fresh uint64, err error) {
	if len(bad) == 0 {
		return 0, nil
	}
	if s.found != nil {
		for _, q := range bad {
			s.found[mistake{q.Line, q.Reason}] = true
		}
	}
	known := map[quarantined]bool{}
	rows, err := s.w.Query(ctx, `
		SELECT id, line, reason, payload FROM quarantine
		WHERE step = 'ingest' AND source = ? AND entity = ? AND file = ? AND line BETWEEN ? AND ?`,
		s.Name, s.Entity, file, bad[0].Line, bad[len(bad)-1].Line)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var q quarantined
		if err := rows.Scan(&q.ID, &q.Line, &q.Reason, &q.Payload); err != nil {
			return 0, err
		}
		known[q] = true
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	now := s.o.Now()
	var missing []quarantined
	for _, q := range bad {
		if !known[q] {
			known[q] = true
			q.Source, q.Entity, q.File, q.Step, q.FirstSeen = s.Name, s.Entity, file, "ingest", now
			missing = append(missing, q)
		}
	}
	return uint64(len(missing)), warehouse.Insert(ctx, s.w.Conn, "quarantine", missing)
}

// mistake is what is wrong with one row of a file.
type mistake struct {
	line   uint64
	reason string
}

// mend takes out of quarantine what a complete reading of the file did not find
// any more.
func (s *fileSource) mend(ctx context.Context, file string) error {
	rows, err := s.w.Query(ctx, "SELECT line, reason FROM quarantine WHERE step = 'ingest' AND source = ? AND entity = ? AND file = ?", s.Name, s.Entity, file)
	if err != nil {
		return err
	}
	defer rows.Close()
	var mended []mistake
	for rows.Next() {
		var m mistake
		if err := rows.Scan(&m.line, &m.reason); err != nil {
			return err
		}
		if !s.found[m] {
			mended = append(mended, m)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, m := range mended {
		if err := s.w.Exec(ctx, "DELETE FROM quarantine WHERE step = 'ingest' AND source = ? AND entity = ? AND file = ? AND line = ? AND reason = ?",
			s.Name, s.Entity, file, m.line, m.reason); err != nil {
			return err
		}
	}
	return nil
}

// clean makes a text valid UTF-8: quarantine is read by people and by JSON.
func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// hold quarantines records of an API that are not there yet, and returns how
// many those were.
func (r *run) hold(ctx context.Context, source string, bad []quarantined) (fresh uint64, err error) {
	now := r.o.Now()
	var missing []quarantined
	for _, q := range bad {
		q.Source, q.Step, q.FirstSeen = source, "ingest", now
		var known uint64
		if err := r.w.QueryRow(ctx, "SELECT count() FROM quarantine WHERE step = 'ingest' AND source = ? AND entity = ? AND id = ? AND reason = ? AND payload = ?",
			q.Source, q.Entity, q.ID, q.Reason, q.Payload).Scan(&known); err != nil {
			return 0, err
		}
		if known == 0 {
			missing = append(missing, q)
		}
	}
	return uint64(len(missing)), warehouse.Insert(ctx, r.w.Conn, "quarantine", missing)
}
