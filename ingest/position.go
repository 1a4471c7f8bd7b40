package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// position is how far a file has been read.
type position struct {
	SHA256 string `json:"sha256"` // of the first Size bytes, as they lie on disk
	Size   int64  `json:"size"`   // bytes that had been read when the page was cut; the whole file once Done
	Rows   uint64 `json:"rows"`   // records that are dealt with, unreadable ones included
	Done   bool   `json:"done"`
	Begin  uint64 `json:"begin"`           // seq at which this reading of the file began
	End    uint64 `json:"end"`             // seq after its last row so far
	Way    string `json:"way"`             // how records were cut and named; another way means reading again
	Stale  bool   `json:"stale,omitempty"` // rows of another way are still there, to be removed once Done
}

type positionRow struct {
	Source   string `ch:"source"`
	Stream   string `ch:"stream"`
	Position string `ch:"position"`
	RunID    uint64 `ch:"run_id"`
	Version  uint64 `ch:"version"`
}

func (r *run) positions(ctx context.Context, source string) (map[string]position, error) {
	var rows []positionRow
	if err := r.w.Select(ctx, &rows, "SELECT source, stream, position, run_id, version FROM positions FINAL WHERE source = ?", source); err != nil {
		return nil, fmt.Errorf("ingest %s: read positions: %w", source, err)
	}
	found := make(map[string]position, len(rows))
	for _, row := range rows {
		var p position
		if err := json.Unmarshal([]byte(row.Position), &p); err != nil {
			return nil, fmt.Errorf("ingest %s: position of %s: %w; ingest with --full writes it anew", source, row.Stream, err)
		}
		found[row.Stream] = p
	}
	return found, nil
}

func (s *fileSource) move(ctx context.Context, stream string, p position) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	// p.End grows within a run, and a later run's seq is above an earlier one's.
	// The same End comes twice where a page landed nothing, or the file is done.
	s.moves++
	return warehouse.Insert(ctx, s.w.Conn, "positions", []positionRow{{
		Source: s.Name, Stream: stream, Position: string(text), RunID: s.id, Version: s.id<<32 | s.moves,
	}})
}

// forget removes the rows of a file's earlier readings: they were cut or named
// in another way, so the new ones do not replace them.
func (s *fileSource) forget(ctx context.Context, stream string, before uint64) error {
	return s.w.Exec(ctx, "DELETE FROM raw_records WHERE source = ? AND seq < ? AND JSONExtractString(told, '_file') = ?", s.Name, before, stream)
}

// holds says whether the file still begins with what the position was taken of
// and, once it was done, has nothing more.
func (p position) holds(ctx context.Context, path string, size int64) (bool, error) {
	if size < p.Size || p.Done && size != p.Size {
		return false, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader{ctx, io.LimitReader(file, p.Size)}); err != nil {
		return false, err
	}
	return hex.EncodeToString(sum.Sum(nil)) == p.SHA256, nil
}

// way names all that decides how a file is cut into records and what their ids
// and versions are.
func way(s *configs.Source) string {
	id := s.Fields["id"]
	parts := []any{s.Entity, s.Format, s.Delimiter, s.Encoding, s.Nulls, id.From, s.Latest}
	if s.Latest != "" {
		parts = append(parts, s.Times)
	}
	text, _ := json.Marshal(parts) // texts only
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// contextReader ends reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(b)
}
