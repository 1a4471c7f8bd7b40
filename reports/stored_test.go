package reports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// Stores that several tests begin with are made once and published. Each test
// then opens a private copy, as a reader does: what it writes there is its own.
var stores = struct {
	dir  string
	made map[string]error
}{made: map[string]error{}}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(stores.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// companies are those that several tests look at.
var companies = map[string]func() company{
	"sample":         func() company { return sample(7) },
	"whole sample":   func() company { return whole(sample(7)) },
	"infested":       func() company { return infested(7) },
	"whole infested": func() company { return whole(infested(7)) },
	"crowded":        func() company { return crowded(7, 2000) },
	"paging":         func() company { return paging(sample(7)) },
}

// filled opens one of the companies, with all that fill makes of it.
func filled(t *testing.T, name string) (driver.Conn, company) {
	t.Helper()
	of, known := companies[name]
	if !known {
		t.Fatalf("there is no company %q", name)
	}
	return stored(t, name, func(w *warehouse.Warehouse) { fill(t, w, of()) }), of()
}

// stored opens a copy of the store that make filled for the first test that asked.
// Where that failed it fails for each.
func stored(t testing.TB, name string, make func(*warehouse.Warehouse)) driver.Conn {
	t.Helper()
	if stores.dir == "" {
		dir, err := os.MkdirTemp("", "srekpi-reports-")
		if err != nil {
			t.Fatal(err)
		}
		stores.dir = dir
	}
	o := warehouse.Options{URL: "chdb://" + filepath.Join(stores.dir, name), Schema: sql.Schema()}
	err, known := stores.made[name]
	if !known {
		stores.made[name] = errors.New("an earlier test could not fill it")
		publish(t, o, make)
		stores.made[name], err = nil, nil
	}
	if err != nil {
		t.Fatalf("the store of %s: %v", name, err)
	}
	w, err := warehouse.OpenReader(t.Context(), o)
	if err != nil {
		t.Fatalf("%v (run make engine)", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// publish fills a new store.
func publish(t testing.TB, o warehouse.Options, make func(*warehouse.Warehouse)) {
	t.Helper()
	w, err := warehouse.OpenWriter(t.Context(), o)
	if err != nil {
		t.Fatalf("%v (run make engine)", err)
	}
	defer w.Close()
	make(w)
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}
