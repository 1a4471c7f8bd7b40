package ingest

import (
	"context"

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
