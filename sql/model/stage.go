package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"
)

// Feed is one staging model at work on one source.
type Feed struct {
	Source string
	Entity string // of the raw records that it reads; several are parted by commas
	Model  *Model

	// Reading is how ingest cuts and names the source's records. Another way
	// replaces raw rows under other ids, so what was staged of them must go.
	Reading string

	Mapped string // the CTE of an API's model; empty: it reads raw records alone
	Again  string // raw ids to stage again, though no new version of them has landed; {runs} are the staged runs
}

// Staged reports what one feed did.
type Staged struct {
	Feed
	Runs        int    // ingest runs taken in
	Rebuilt     bool   // everything was staged again: the mapping changed, or it was asked for
	Quarantined uint64 // records that are newly in quarantine
}

// hash names the text that makes the rows: another text makes other rows.
func (f Feed) hash() string {
	sum := sha256.Sum256([]byte(f.Model.Fills + "\n" + f.Reading + "\n" + f.Mapped + f.Model.Only + f.Model.SQL))
	return hex.EncodeToString(sum[:8])
}

// Stage takes every ended ingest run that a feed has not yet taken into the
// feed's staging table. A run that died half-way is left alone until the next
// ingest closes it. Taking a run twice, after a crash in between, adds nothing:
// a staging table keeps one row per record.
//
// Sources are staged side by side; a source's feeds in their order, since one
// reads what another has filled.
func Stage(ctx context.Context, conn driver.Conn, feeds []Feed, full bool) ([]Staged, error) {
	if err := dropVerdicts(ctx, conn); err != nil {
		return nil, err
	}
	if err := dropUnfed(ctx, conn, feeds); err != nil {
		return nil, err
	}
	staged := make([]*Staged, len(feeds))
	var sources []string
	own := map[string][]int{}
	for i, f := range feeds {
		if own[f.Source] == nil {
			sources = append(sources, f.Source)
		}
		own[f.Source] = append(own[f.Source], i)
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(sourcesSideBySide)
	for _, source := range sources {
		group.Go(func() (err error) {
			for _, i := range own[source] {
				if staged[i], err = feeds[i].stage(gctx, conn, full); err != nil {
					return fmt.Errorf("stage %s: %w", feeds[i].Model.File, err)
				}
			}
			return nil
		})
	}
	err := group.Wait()
	var done []Staged
	for _, s := range staged {
		if s != nil {
			done = append(done, *s)
		}
	}
	return done, err
}

// sourcesSideBySide bounds the memory: each holds blocks of payloads.
const sourcesSideBySide = 2

// dropUnfed removes what a source has staged into a table that no feed of it
// fills any more: it was a log of events, or held another kind of record. A
// source that left the config keeps its rows.
func dropUnfed(ctx context.Context, conn driver.Conn, feeds []Feed) error {
	fed, known := map[[2]string]bool{}, map[string]bool{}
	for _, f := range feeds {
		fed[[2]string{f.Source, f.Model.Fills}], known[f.Source] = true, true
	}
	rows, err := conn.Query(ctx, "SELECT DISTINCT table, partition FROM system.parts WHERE database = currentDatabase() AND active AND startsWith(table, 'stg_') ORDER BY 1, 2")
	if err != nil {
		return fmt.Errorf("list staged sources: %w", err)
	}
	defer rows.Close()
	var unfed [][2]string
	for rows.Next() {
		var table, source string
		if err := rows.Scan(&table, &source); err != nil {
			return err
		}
		if known[source] && !fed[[2]string{source, table}] {
			unfed = append(unfed, [2]string{source, table})
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list staged sources: %w", err)
	}
	for _, u := range unfed {
		if err := conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION %s", u[1], literal(u[0]))); err != nil {
			return fmt.Errorf("drop what %s had staged into %s: %w", u[0], u[1], err)
		}
	}
	return nil
}

func (f Feed) stage(ctx context.Context, conn driver.Conn, full bool) (*Staged, error) {
	ended, err := f.runs(ctx, conn, "SELECT DISTINCT run_id, '' FROM sync_runs FINAL WHERE source = ? AND status != 'running' ORDER BY 1", f.Source)
	if err != nil {
		return nil, err
	}
	taken, err := f.runs(ctx, conn, "SELECT DISTINCT run_id, hash FROM staged_runs WHERE model = ? AND source = ? ORDER BY 1, 2", f.Model.Name, f.Source)
	if err != nil {
		return nil, err
	}
	s := &Staged{Feed: f}
	s.Rebuilt = full || len(taken) == 0 || slices.ContainsFunc(taken, func(r stagedRun) bool { return r.hash != f.hash() })
	var fresh []string
	for _, r := range ended {
		if s.Rebuilt || !slices.ContainsFunc(taken, func(t stagedRun) bool { return t.id == r.id }) {
			fresh = append(fresh, fmt.Sprint(r.id))
		}
	}
	s.Runs = len(fresh)
	if len(fresh) == 0 {
		return s, nil
	}
	if s.Rebuilt {
		if err := f.clear(ctx, conn); err != nil {
			return nil, err
		}
	}
	var records uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM raw_records WHERE "+f.taken(fresh)).Scan(&records); err != nil {
		return nil, fmt.Errorf("count new records: %w", err)
	}
	if records > 0 {
		if s.Quarantined, err = f.take(ctx, conn, fresh); err != nil {
			return nil, err
		}
	}
	record := fmt.Sprintf("INSERT INTO staged_runs (model, source, run_id, hash) SELECT %s, %s, arrayJoin([%s]::Array(UInt64)), %s",
		literal(f.Model.Name), literal(f.Source), strings.Join(fresh, ", "), literal(f.hash()))
	if err := conn.Exec(ctx, record); err != nil {
		return nil, fmt.Errorf("record the staged runs: %w", err)
	}
	return s, nil
}

type stagedRun struct {
	id   uint64
	hash string
}

func (f Feed) runs(ctx context.Context, conn driver.Conn, query string, args ...any) ([]stagedRun, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	defer rows.Close()
	var out []stagedRun
	for rows.Next() {
		var r stagedRun
		if err := rows.Scan(&r.id, &r.hash); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// clear forgets the feed's staged rows before a rebuild. Which runs were taken
// is forgotten first: a crash in between only means another rebuild. Rows whose
// raw payload has been emptied cannot be made again and stay.
func (f Feed) clear(ctx context.Context, conn driver.Conn) error {
	sync := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2}))
	if err := conn.Exec(sync, "ALTER TABLE staged_runs DELETE WHERE model = ? AND source = ?", f.Model.Name, f.Source); err != nil {
		return fmt.Errorf("forget the staged runs: %w", err)
	}
	var emptied uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM raw_records WHERE source = ? AND entity IN ("+f.entities()+") AND payload = '' AND deleted = 0", f.Source).Scan(&emptied); err != nil {
		return fmt.Errorf("look for emptied payloads: %w", err)
	}
	if emptied == 0 {
		if err := conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION %s", f.Model.Fills, literal(f.Source))); err != nil {
			return fmt.Errorf("drop the staged rows: %w", err)
		}
		return nil
	}
	if err := conn.Exec(sync, fmt.Sprintf("ALTER TABLE %s DELETE WHERE source = ? AND seq NOT IN (SELECT seq FROM raw_records WHERE source = ? AND entity IN (%s) AND payload = '' AND deleted = 0)", f.Model.Fills, f.entities()),
		f.Source, f.Source); err != nil {
		return fmt.Errorf("drop the staged rows: %w", err)
	}
	return nil
}

// entities lists the raw entities for SQL.
func (f Feed) entities() string { return literals(cut(f.Entity, ",")) }

// taken chooses the raw records of some runs that the feed reads.
func (f Feed) taken(runs []string) string {
	list := strings.Join(runs, ", ")
	which := "run_id IN (" + list + ")"
	if f.Again != "" {
		which = "(" + which + " OR id IN (" + strings.ReplaceAll(f.Again, "{runs}", list) + "))"
	}
	where := fmt.Sprintf("source = %s AND entity IN (%s) AND %s AND (payload != '' OR deleted = 1)", literal(f.Source), f.entities(), which)
	if f.Model.Only != "" {
		where += " AND (" + f.Model.Only + ")"
	}
	return where
}

// whole is a limit that no table reaches. It keeps the engine from pushing a
// condition on a staged row down into what computes the row: it would compute
// most of it once more for each part of the condition, ten times slower.
const whole = "18446744073709551615"

// with opens a statement over the chosen raw records: as the model reads them,
// and as it stages them.
func (f Feed) with(records string) string {
	with := "WITH new_records AS (\nSELECT *, " + version + " FROM raw_records WHERE " + records + "\n)"
	if f.Mapped != "" {
		with += ", mapped AS (\n" + f.Mapped + "\n)"
	}
	return with + ", staged AS (\nSELECT * FROM (\n" + f.Model.SQL + "\n) LIMIT " + whole + "\n)\n"
}

// stepwise has the engine compute one layer of a staging model after the other.
// Merged into one expression, as it likes to, a value that several branches use
// was computed by each, hundreds of times slower. Each block sets up the parser
// anew, so blocks are large.
func stepwise(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"query_plan_merge_expressions": 0,
		"preferred_block_size_bytes":   32 << 20,
	}))
}

// take stages the records of some runs: what converts into the model's table,
// what does not into quarantine, whose new rows are counted.
func (f Feed) take(ctx context.Context, conn driver.Conn, runs []string) (uint64, error) {
	ctx = stepwise(ctx)
	with := f.with(f.taken(runs))
	columns, err := describe(ctx, conn, "("+with+"SELECT * FROM staged)")
	if err != nil {
		return 0, err
	}
	var names []string
	skip := "0"
	for _, c := range columns {
		switch c.name {
		case "reason": // '' for a record that can be read
		case "skip": // left out by a row filter
			skip = "skip"
		default:
			if c.name == "filtered" {
				skip = "filtered" // such a row is staged, marked, and never questioned
			}
			names = append(names, identifier(c.name))
		}
	}
	list := strings.Join(names, ", ")
	good := "reason = '' OR deleted = 1"
	if skip == "filtered" {
		good += " OR filtered"
	} else if skip == "skip" {
		good = "NOT skip AND (" + good + ")"
	}
	if err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) %sSELECT %s FROM staged WHERE %s", f.Model.Fills, list, with, list, good)); err != nil {
		return 0, err
	}
	return f.quarantine(ctx, conn, runs, skip)
}
