package model

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// A process can have one data folder open, so all tests share one engine and
// each works in a database of its own. It is opened by the first test that asks
// for it: those of headers and order need none.
var shared struct {
	once    sync.Once
	dir     string
	wh      *warehouse.Warehouse
	models  []*Model
	queries *Queries
	err     error
	n       atomic.Int64
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.wh != nil {
		shared.wh.Close()
	}
	os.RemoveAll(shared.dir)
	os.Exit(code)
}

// The moment that tests know of, unless they say otherwise, and their clock.
var (
	asOf  = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	clock = func() time.Time { return asOf }
)

// engine opens the real engine, its schema and the real models, built once over
// no data: the structure that fixtures copy. Without libchdb the test fails.
func engine(t testing.TB) *warehouse.Warehouse {
	t.Helper()
	shared.once.Do(func() {
		ctx := context.Background()
		if shared.dir, shared.err = os.MkdirTemp("", "srekpi-model-"); shared.err != nil {
			return
		}
		shared.wh, shared.err = warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://" + shared.dir, Schema: sql.Schema()})
		if shared.err != nil {
			return
		}
		if shared.models, shared.err = Load(sql.Models()); shared.err != nil {
			return
		}
		if shared.queries, shared.err = LoadQueries(sql.Queries()); shared.err != nil {
			return
		}
		inputs := append(ConfigInputs(&configs.Config{}, nil), CatalogueInput(shared.models), periods(nil))
		_, shared.err = Build(ctx, shared.wh, shared.models, BuildOptions{AsOf: asOf, Inputs: inputs, Queries: *shared.queries, Now: clock})
	})
	if shared.err != nil {
		t.Fatalf("the tests need the real engine (make engine): %v", shared.err)
	}
	return shared.wh
}

// periods is the table that cmd/srekpi makes from package metrics, with the
// columns that models rest on.
func periods(rows [][]any) Input {
	return Input{
		Name: "periods", Title: "Weeks and months", Grain: "one row per week and per month",
		Key: []string{"period", "period_start"}, Reads: []string{"sources"},
		Columns: []InputColumn{
			{"period", "String", "week or month"},
			{"period_start", "Date", "its first day in the reporting zone"},
			{"starts_at", "DateTime64(3, 'UTC')", "its first moment"},
			{"ends_at", "DateTime64(3, 'UTC')", "the first moment after it"},
			{"label", "String", "how reports call it"},
		},
		Rows: Fixed(rows),
	}
}

// schemaTables are what the migrations make.
var schemaTables = []string{"raw_records", "sync_runs", "positions", "quarantine", "staged_runs", "stg_incidents", "stg_incident_events", "stg_changes", "stg_tickets", "stg_ticket_transitions", "stg_statuses", "stg_worklogs", "stg_oncall_shifts", "stg_people", "stg_pager_analytics", "builds", "published_values"}

// database makes an empty database with copies of these tables.
func database(t testing.TB, tables ...string) driver.Conn {
	t.Helper()
	w, ctx := engine(t), context.Background()
	name := fmt.Sprintf("fx_%d", shared.n.Add(1))
	mustExec(t, w, "CREATE DATABASE "+name)
	t.Cleanup(func() { w.Exec(ctx, "DROP DATABASE "+name+" SYNC") })
	for _, table := range tables {
		mustExec(t, w, fmt.Sprintf("CREATE TABLE %s.%s AS srekpi.%s", name, table, table))
	}
	conn, err := w.In(name)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func mustExec(t testing.TB, conn driver.Conn, query string, args ...any) {
	t.Helper()
	if err := conn.Exec(context.Background(), query, args...); err != nil {
		t.Fatalf("%v\nin %s", err, query)
	}
}

// lines runs a query and writes each row as its values between bars, NULL as
// NULL: what tests compare.
func lines(t testing.TB, conn driver.Conn, query string, args ...any) []string {
	t.Helper()
	rows, err := texts(context.Background(), conn, "SELECT * FROM ("+query+")", args...)
	if err != nil {
		t.Fatalf("%v\nin %s", err, query)
	}
	out := []string{}
	for _, row := range rows {
		out = append(out, strings.Join(row, " | "))
	}
	return out
}

// modelNamed finds one of the real models.
func modelNamed(t testing.TB, name string) *Model {
	t.Helper()
	engine(t)
	for _, m := range shared.models {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("there is no model %q", name)
	return nil
}
