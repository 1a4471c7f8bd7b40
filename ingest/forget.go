package ingest

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/forget"
)

// insert stores a page without the people who were forgotten. All that lands goes through it: its bad rows as well,
// which go to quarantine next.
func (r *run) insert(ctx context.Context, p *page, source, entity string, seq uint64) error {
	if !r.forgotten.Empty() {
		p.pseudonymise(r.forgotten)
	}
	return p.insert(ctx, r.w.Conn, source, entity, r.o.Now(), r.id, seq)
}

// pseudonymise does that to records which are compared with what has landed, before they are.
func (r *run) pseudonymise(records []record) {
	if r.forgotten.Empty() {
		return
	}
	for i := range records {
		records[i].ID = r.forgotten.Text(records[i].ID)
		records[i].Payload = r.forgotten.JSON(records[i].Payload)
	}
}

func (p *page) pseudonymise(l *forget.List) {
	p.ids.replace(l.Value)
	p.payloads.replace(l.JSON)
	for i := range p.bad {
		q := &p.bad[i]
		q.ID, q.Reason, q.Payload = l.Text(q.ID), l.Text(q.Reason), l.Text(q.Payload)
	}
}

// replace rewrites those texts that differ then; the others are not copied, unless one before them grew.
func (t *texts) replace(with func([]byte) []byte) {
	var out []byte
	from := 0
	for i, end := range t.ends {
		old := t.buf[from:end:end]
		plain := with(old)
		if out == nil && string(plain) != string(old) {
			out = append(make([]byte, 0, len(t.buf)+len(t.buf)/8), t.buf[:from]...)
		}
		if out != nil {
			out = append(out, plain...)
			t.ends[i] = len(out)
		}
		from = end
	}
	if out != nil {
		t.buf = out
	}
}

// Naming are the files of the sources that name somebody who was forgotten, below the config's folder. They are the
// operator's: each run reads them and lands the pseudonym.
func Naming(ctx context.Context, cfg *configs.Config, l *forget.List) ([]string, error) {
	var found []string
	for i := range cfg.Sources {
		if cfg.Sources[i].API() {
			continue
		}
		s := &fileSource{run: &run{cfg: cfg}, Source: &cfg.Sources[i], result: &SourceResult{}}
		for _, f := range s.files() {
			names, err := s.names(ctx, f, l)
			if err != nil {
				return found, fmt.Errorf("look for a name in %s: %w", f.stream, err)
			}
			if names && !slices.Contains(found, f.stream) {
				found = append(found, f.stream)
			}
		}
	}
	return found, nil
}

func (s *fileSource) names(ctx context.Context, f file, l *forget.List) (bool, error) {
	open, err := os.Open(f.path)
	if err != nil {
		return false, err
	}
	defer open.Close()
	text, err := decoded(contextReader{ctx, open}, f.path, s.Encoding)
	if err != nil {
		return false, err
	}
	lines, err := l.Lines(text, 1)
	return len(lines) > 0 || l.Holds([]byte(f.stream)), err
}
