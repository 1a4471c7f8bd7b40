package warehouse

import (
	"context"
	"path/filepath"
	"testing"
)

func benchWriter(b *testing.B) (*Warehouse, Options) {
	b.Helper()
	o := Options{URL: "chdb://" + filepath.Join(b.TempDir(), "data"), Schema: schema}
	w, err := OpenWriter(context.Background(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return w, o
}

func try(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpenReader is what each `srekpi sql` waits for.
func BenchmarkOpenReader(b *testing.B) {
	ctx := context.Background()
	w, o := benchWriter(b)
	try(b, Insert(ctx, w, "events", events(1, 500_000)))
	try(b, w.Publish(ctx))
	try(b, w.Close())
	for b.Loop() {
		r, err := OpenReader(ctx, o)
		try(b, err)
		try(b, r.Exec(ctx, "SELECT count() FROM events"))
		try(b, r.Close())
	}
}

func BenchmarkSmallQuery(b *testing.B) {
	w, _ := benchWriter(b)
	for b.Loop() {
		var n uint64
		try(b, w.QueryRow(context.Background(), "SELECT count() FROM notes").Scan(&n))
	}
}

func BenchmarkInsert500k(b *testing.B) {
	w, _ := benchWriter(b)
	rows := events(1, 500_000)
	for b.Loop() {
		try(b, Insert(context.Background(), w, "events", rows))
	}
}

func BenchmarkStream500k(b *testing.B) {
	ctx := context.Background()
	w, _ := benchWriter(b)
	for b.Loop() {
		rows, err := w.Query(ctx, "SELECT toString(number), concat('row ', toString(number)) FROM numbers(500000)")
		try(b, err)
		n := 0
		for rows.Next() {
			var first, second string
			if err := rows.Scan(&first, &second); err != nil {
				b.Fatal(err)
			}
			n++
		}
		try(b, rows.Err())
		if n != 500_000 {
			b.Fatal(n, "rows")
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	ctx := context.Background()
	w, _ := benchWriter(b)
	try(b, Insert(ctx, w, "events", events(1, 500_000)))
	for b.Loop() {
		try(b, w.Publish(ctx))
	}
}
