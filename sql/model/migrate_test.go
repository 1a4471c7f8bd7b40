package model

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func doubledWith(columns, query string) map[string]string {
	text := world["marts/doubled.sql"]
	text = text[:strings.Index(text, "-- columns:")] + "-- columns:\n" + columns + query
	return map[string]string{"marts/doubled.sql": text, "marts/total.sql": ""}
}

// A model whose columns change takes its table with it; what was published
// stays there.
func TestMigrateColumnsAddedAndRemoved(t *testing.T) {
	conn := database(t, "builds")
	mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(1)}))
	added := doubledWith("--   n: name\n--   half: half of it\n--   twice: two times it\n", "SELECT n, value / 2 AS half, value * 2 AS twice FROM numbers_in")
	mustBuild(t, conn, worldWith(t, added), numbersIn([]any{"b", int64(2)}))
	want(t, conn, "SELECT * FROM doubled", "b | 1 | 4")
	want(t, conn, "SELECT * FROM build_doubled ORDER BY build", "1 | a | 0 | 2", "2 | b | 1 | 4")
	removed := doubledWith("--   n: name\n--   half: half of it\n", "SELECT n, value / 2 AS half FROM numbers_in")
	removed["marts/doubled.sql"] = strings.Replace(removed["marts/doubled.sql"], "; twice >= 0", "", 1)
	mustBuild(t, conn, worldWith(t, removed), numbersIn([]any{"c", int64(4)}))
	want(t, conn, "SELECT * FROM doubled", "c | 2")
	want(t, conn, "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = 'build_doubled' ORDER BY position",
		"build | the build that made the row", "n | name", "half | half of it")
}

func TestMigrateTypeOfAColumn(t *testing.T) {
	conn := database(t, "builds")
	text := doubledWith("--   n: name\n--   twice: two times it, in words\n", "SELECT n, concat('words ', toString(value)) AS twice FROM numbers_in")
	text["marts/doubled.sql"] = strings.Replace(text["marts/doubled.sql"], "; twice >= 0", "", 1)
	mustBuild(t, conn, worldWith(t, text), numbersIn([]any{"a", int64(1)}))
	// The old text is no number: it must not stand in the way.
	for range 2 {
		mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"b", int64(2)}))
		want(t, conn, "SELECT * FROM doubled", "b | 4")
	}
	want(t, conn, "SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 'build_doubled' AND name = 'twice'", "Int64")
	mustBuild(t, conn, worldWith(t, text), numbersIn([]any{"c", int64(3)}))
	want(t, conn, "SELECT * FROM doubled", "c | words 3")
}

// A type that is part of the key cannot be altered in place.
func TestMigrateKey(t *testing.T) {
	conn := database(t, "builds")
	mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(1)}))
	text := doubledWith("--   n: name\n--   twice: two times it\n", "SELECT length(n) AS n, value * 2 AS twice FROM numbers_in")
	mustBuild(t, conn, worldWith(t, text), numbersIn([]any{"bbb", int64(2)}))
	want(t, conn, "SELECT * FROM doubled", "3 | 4")
	rekeyed := doubledWith("--   name: name\n--   twice: two times it\n", "SELECT n AS name, value * 2 AS twice FROM numbers_in")
	rekeyed["marts/doubled.sql"] = strings.NewReplacer("key: n", "key: twice, name", "unique(n)", "unique(name)").Replace(rekeyed["marts/doubled.sql"])
	mustBuild(t, conn, worldWith(t, rekeyed), numbersIn([]any{"c", int64(3)}))
	want(t, conn, "SELECT * FROM doubled", "c | 6")
	want(t, conn, "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'build_doubled'", "twice, name")
}

// A table from before parts were left as they are gets that setting too.
func TestMigrateMerges(t *testing.T) {
	conn := database(t, "builds")
	const lacking = "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'build\\_%' AND position(engine_full, 'max_bytes_to_merge_at_max_space_in_pool') = 0"
	mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(1)}))
	want(t, conn, lacking)
	if err := conn.Exec(t.Context(), "ALTER TABLE build_doubled RESET SETTING max_bytes_to_merge_at_max_space_in_pool"); err != nil {
		t.Fatal(err)
	}
	want(t, conn, lacking, "build_doubled")
	mustBuild(t, conn, worldWith(t, doubledWith("--   n: name\n--   twice: two times it\n", "SELECT n, 2 * value AS twice FROM numbers_in")), numbersIn([]any{"b", int64(2)}))
	want(t, conn, lacking)
}

// What did not change is not touched.
func TestMigrateNothing(t *testing.T) {
	conn := database(t, "builds")
	const tables = "SELECT name, toString(uuid), toString(metadata_modification_time) FROM system.tables WHERE database = currentDatabase() AND name LIKE 'build_%' ORDER BY name"
	mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(1)}))
	before := lines(t, conn, tables)
	mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"b", int64(1)}))
	want(t, conn, tables, before...)
}

func TestInputs(t *testing.T) {
	conn := database(t, "builds")
	// Rows are asked for when what they read stands, and see this build's rows.
	derived := Input{Name: "derived", Title: "Derived", Grain: "one row", Key: []string{"total"}, Reads: []string{"total"},
		Columns: []InputColumn{{"total", "Int64", "the total"}, {"note", "Nullable(String)", "or nothing"}},
		Rows: func(ctx context.Context, b *Building) ([][]any, error) {
			var total int64
			err := b.Conn().QueryRow(ctx, "SELECT total FROM "+b.From("total")).Scan(&total)
			return [][]any{{total, nil}, {total + 1, "it's"}}, err
		}}
	for n := range 2 {
		mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(n + 1)}), derived)
	}
	want(t, conn, "SELECT * FROM derived ORDER BY total", "4 | NULL", "5 | it's")
	want(t, conn, "SELECT comment FROM system.columns WHERE database = currentDatabase() AND table = 'build_derived' AND name = 'note'", "or nothing")

	empty := numbersIn()
	mustBuild(t, conn, worldWith(t, nil), empty, derived)
	want(t, conn, "SELECT count() FROM doubled", "0")

	broken := numbersIn()
	broken.Rows = func(context.Context, *Building) ([][]any, error) { return nil, errors.New("the calendar is torn") }
	if _, err := build(t, conn, worldWith(t, nil), broken); err == nil || err.Error() != "fill numbers_in: the calendar is torn" {
		t.Errorf("got %v", err)
	}
	want(t, conn, "SELECT count() FROM builds", "3")
}
