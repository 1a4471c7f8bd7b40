package ingest

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// A page is what one insert lands: large enough that the engine's work for a
// part is worth it, small enough that memory and a repeated page do not matter.
const pageBytes = 8 << 20

var pageRows uint64 = 20_000 // tests make it small

// page collects records. Texts share one buffer each, so that a record costs no
// allocation, and pages are used again.
type page struct {
	payloads texts
	ids      texts
	versions []time.Time // as many as payloads where the source states versions; else none. Zero: not stated
	kinds    []string    // as many as payloads where records differ in entity; else none
	gone     []uint8     // as many as kinds: 1 for a tombstone
	bad      []quarantined
	rows     uint64 // records dealt with: landed and bad
	position position

	payloadViews, idViews [][]byte
	sources, entities     []string
	fetched               []time.Time
	numbers               []uint64
	zeros                 []uint8
}

// texts are strings laid end to end.
type texts struct {
	buf  []byte
	ends []int
}

func (t *texts) reset() { t.buf, t.ends = t.buf[:0], t.ends[:0] }

// close ends the text that was appended to buf.
func (t *texts) close() { t.ends = append(t.ends, len(t.buf)) }

// drop forgets what was appended to buf since the last close.
func (t *texts) drop() {
	n := 0
	if len(t.ends) > 0 {
		n = t.ends[len(t.ends)-1]
	}
	t.buf = t.buf[:n]
}

func (t *texts) views(to [][]byte) [][]byte {
	to, from := to[:0], 0
	for _, end := range t.ends {
		to = append(to, t.buf[from:end:end])
		from = end
	}
	return to
}

func (p *page) reset() {
	p.payloads.reset()
	p.ids.reset()
	p.versions, p.kinds, p.gone, p.bad, p.rows = p.versions[:0], p.kinds[:0], p.gone[:0], p.bad[:0], 0
}

func (p *page) full() bool {
	return p.rows >= pageRows || len(p.payloads.buf) >= pageBytes
}

// landed is the number of records that raw_records takes.
func (p *page) landed() int { return len(p.payloads.ends) }

// reject sends a record to quarantine instead.
func (p *page) reject(id string, line uint64, reason string, payload []byte) {
	p.payloads.drop()
	p.ids.drop()
	p.bad = append(p.bad, quarantined{ID: clean(id), Line: line, Reason: clean(reason), Payload: clean(string(payload))})
	p.rows++
}

// add puts a record of an API on the page.
func (p *page) add(entity, id string, version time.Time, payload []byte, gone bool) {
	p.ids.buf = append(p.ids.buf, id...)
	p.ids.close()
	p.payloads.buf = append(p.payloads.buf, payload...)
	p.payloads.close()
	p.versions = append(p.versions, version)
	p.kinds = append(p.kinds, entity)
	p.gone = append(p.gone, 0)
	if gone {
		p.gone[len(p.gone)-1] = 1
	}
	p.rows++
}

// insert stores the page's records in one block, whole or not at all, and once.
// seq is that of the first; entity is theirs where they do not differ in it.
func (p *page) insert(ctx context.Context, conn driver.Conn, source, entity string, fetchedAt time.Time, runID, seq uint64) error {
	return warehouse.Once(ctx, conn, func(ctx context.Context) error {
		return p.send(ctx, conn, source, entity, fetchedAt, runID, seq)
	})
}

func (p *page) send(ctx context.Context, conn driver.Conn, source, entity string, fetchedAt time.Time, runID, seq uint64) error {
	n := p.landed()
	if n == 0 {
		return nil
	}
	p.idViews = p.ids.views(p.idViews)
	p.payloadViews = p.payloads.views(p.payloadViews)
	p.sources = constant(p.sources, source, n)
	p.entities = constant(p.entities, entity, n)
	copy(p.entities, p.kinds)
	p.fetched = constant(p.fetched, fetchedAt, n)
	p.zeros = constant(p.zeros, 0, n)
	copy(p.zeros, p.gone)

	// Column by column: one call each instead of one per value.
	into, versions := "INSERT INTO raw_records (source, entity, id, fetched_at, run_id, seq, payload, deleted", len(p.versions) > 0
	if versions {
		into += ", updated_at"
	}
	batch, err := conn.PrepareBatch(ctx, into+")")
	if err != nil {
		return err
	}
	defer batch.Close()
	runs := constant(p.numbers, runID, n)
	columns := []any{p.sources, p.entities, p.idViews, p.fetched, runs}
	for i, values := range columns {
		if err := batch.Column(i).Append(values); err != nil {
			return err
		}
	}
	p.numbers = runs
	for i := range p.numbers { // the column has copied the run ids
		p.numbers[i] = seq + uint64(i)
	}
	if err := batch.Column(5).Append(p.numbers); err != nil {
		return err
	}
	if err := batch.Column(6).Append(p.payloadViews); err != nil {
		return err
	}
	if err := batch.Column(7).Append(p.zeros); err != nil {
		return err
	}
	if versions {
		stated := make([]*time.Time, n)
		for i := range p.versions {
			if !p.versions[i].IsZero() {
				stated[i] = &p.versions[i]
			}
		}
		if err := batch.Column(8).Append(stated); err != nil {
			return err
		}
	}
	return batch.Send()
}

func constant[T any](values []T, v T, n int) []T {
	values = values[:0]
	for range n {
		values = append(values, v)
	}
	return values
}
