package ingest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/srekpi/srekpi/sql/forget"
)

// A million rows must not take much longer than the engine itself needs to
// read them and store them as JSON, which is the floor.
func BenchmarkLanding(b *testing.B) {
	const rows = 1_000_000
	s := newSite(b)
	path := filepath.Join(s.dir, "a.csv")
	writeChanges(b, path, rows)
	c := s.config("{name: a, type: file, entity: change, path: a.csv, fields: {id: number}}")
	ctx := context.Background()
	land := func(b *testing.B) {
		for b.Loop() {
			r, err := Ingest(ctx, s.w, c, Options{Now: s.clock, Full: true})
			if err != nil || r.Sources[0].Err != nil || r.Sources[0].Records != rows {
				b.Fatal(err, r)
			}
		}
		b.ReportMetric(rows/b.Elapsed().Seconds()*float64(b.N), "rows/s")
	}
	b.Run("srekpi", land)
	b.Run("somebody forgotten", func(b *testing.B) {
		list, _, err := (*forget.List)(nil).With(append(forget.Typed("Ada Lovelace"), forget.Found("712020:5f3db112")...), s.clock())
		if err == nil {
			err = list.Save(ctx, s.w, true)
		}
		if err != nil {
			b.Fatal(err)
		}
		land(b)
	})
	b.Run("engine", func(b *testing.B) {
		for b.Loop() {
			err := s.w.Exec(ctx, fmt.Sprintf(`
				INSERT INTO raw_records (source, entity, id, fetched_at, run_id, seq, payload, deleted)
				SELECT 'b', 'change', number, now64(3), 0, rowNumberInAllBlocks(), formatRowNoNewline('JSONEachRow', *), 0
				FROM file('%s', 'CSVWithNames')
				SETTINGS use_structure_from_insertion_table_in_table_functions = 0`, path))
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(rows/b.Elapsed().Seconds()*float64(b.N), "rows/s")
	})
}

func writeChanges(tb testing.TB, path string, rows int) {
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "number,short_description,type,state,risk,cmdb_ci,assignment_group,opened_at,start_date,work_start,work_end,close_code")
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		at = at.Add(97 * time.Second)
		stamp := func(hours int) string { return at.Add(time.Duration(hours) * time.Hour).Format(time.DateTime) }
		title := fmt.Sprintf("Deploy release %d of service %d", i%977, i%53)
		if i%4 == 0 {
			title = fmt.Sprintf("\"Patch hosts %d, batch \"\"%c\"\"\"", i%89, 'A'+rune(i%7))
		}
		fmt.Fprintf(w, "CHG%07d,%s,%s,Closed,%s,service-%d,Team %d,%s,%s,%s,%s,Successful\n",
			i, title, []string{"Standard", "Normal", "Emergency"}[i%3], []string{"Low", "Moderate", "High"}[i%3], i%53, i%17,
			stamp(0), stamp(24), stamp(25), stamp(26))
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
}
