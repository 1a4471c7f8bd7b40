package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/forget"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// run is one call of Ingest.
type run struct {
	w   *warehouse.Warehouse
	cfg *configs.Config
	o   Options
	id  uint64

	forgotten *forget.List
}

type syncRun struct {
	RunID       uint64     `ch:"run_id"`
	Source      string     `ch:"source"`
	Entity      string     `ch:"entity"`
	StartedAt   time.Time  `ch:"started_at"`
	EndedAt     *time.Time `ch:"ended_at"`
	Status      string     `ch:"status"`
	Records     uint64     `ch:"records"`
	Quarantined uint64     `ch:"quarantined"`
	Requests    uint64     `ch:"requests"`
	Retries     uint64     `ch:"retries"`
	Bytes       uint64     `ch:"bytes"`
	Message     string     `ch:"message"`
	CoversFrom  *time.Time `ch:"covers_from"`
	CoversTo    *time.Time `ch:"covers_to"`
	Version     uint64     `ch:"version"`
}

// begin learns who was forgotten, closes the runs that died and takes the next number.
func (r *run) begin(ctx context.Context) (err error) {
	if r.forgotten, err = forget.Load(ctx, r.w); err != nil {
		return fmt.Errorf("ingest: %w", err)
	}
	var dead []syncRun
	if err := r.w.Select(ctx, &dead, `
		SELECT run_id, source, entity, started_at, ended_at, status, records, quarantined, requests, retries, bytes, message, covers_from, covers_to, version
		FROM sync_runs FINAL WHERE status = 'running' ORDER BY run_id, source`); err != nil {
		return fmt.Errorf("ingest: look for runs that died: %w", err)
	}
	for i := range dead {
		d := &dead[i]
		// Its own tally died with it, what it landed did not.
		if err := r.w.QueryRow(ctx, "SELECT count() FROM raw_records WHERE source = ? AND run_id = ?", d.Source, d.RunID).Scan(&d.Records); err != nil {
			return fmt.Errorf("ingest: count what run %d landed: %w", d.RunID, err)
		}
		now := r.o.Now()
		d.EndedAt, d.Status, d.Version = &now, closed, d.Version+1
		d.Message = "the process died; its rows are kept, and the next run went on from them"
	}
	if err := r.record(ctx, dead...); err != nil {
		return err
	}
	if err := r.w.QueryRow(ctx, "SELECT max(run_id) + 1 FROM sync_runs").Scan(&r.id); err != nil {
		return fmt.Errorf("ingest: number the run: %w", err)
	}
	return nil
}

func (r *run) record(ctx context.Context, rows ...syncRun) error {
	for i := range rows {
		rows[i].Message = r.forgotten.Text(rows[i].Message) // it may quote a value
	}
	if err := warehouse.Insert(ctx, r.w.Conn, "sync_runs", rows); err != nil {
		return fmt.Errorf("ingest: record the run: %w; check the disk and run it again", err)
	}
	return nil
}
