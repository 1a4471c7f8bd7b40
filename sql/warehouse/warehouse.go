package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/sql/chdb"
)

// Warehouse is a connection whose current database is srekpi's.
type Warehouse struct {
	driver.Conn
	Migrated Migrated // what opening it to write did to its schema

	options clickhouse.Options
	engine  *chdb.Engine // nil for a server
	dir     string       // data folder of a writer
	private *private     // a reader's copy
	lock    *lock        // a writer's
	limits  *Limits      // of a user's queries

	forgetKey func() (string, error)

	mu      sync.Mutex
	others  []driver.Conn                 // made by In
	root    driver.Conn                   // of a server, in a database that is always there
	cluster string                        // its name
	cover   func(driver.Conn) driver.Conn // what a server's connection is wrapped in
	http    driver.Conn                   // beside a native connection, see formatter
	once    sync.Once
	err     error
}

// OpenWriter opens the warehouse to change it: it takes the lock (a [*LockedError] says who holds it), creates the
// database and brings its schema up to date.
func OpenWriter(ctx context.Context, o Options) (*Warehouse, error) {
	dir, local, err := o.folder()
	if err != nil {
		return nil, err
	}
	w := &Warehouse{dir: dir, forgetKey: o.ForgetKey}
	if local {
		err = w.openStore(o)
	} else {
		err = w.writeServer(ctx, o)
	}
	if err == nil {
		err = w.prepare(ctx, o.Schema)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// OpenReader opens what was published last. An embedded one is a private copy: nothing done to it is kept.
func OpenReader(ctx context.Context, o Options) (*Warehouse, error) {
	return openRead(ctx, o, nil)
}

// OpenQuery opens what was published last for text that a user typed: nothing can be written, within limits.
func OpenQuery(ctx context.Context, o Options, limits Limits) (*Warehouse, error) {
	return openRead(ctx, o, &limits)
}

func openRead(ctx context.Context, o Options, limits *Limits) (*Warehouse, error) {
	dir, local, err := o.folder()
	if err != nil {
		return nil, err
	}
	w := &Warehouse{limits: limits, forgetKey: o.ForgetKey}
	if local {
		err = w.openCopy(ctx, o, dir)
	} else {
		err = w.readServer(ctx, o, limits)
	}
	if err == nil {
		err = w.fits(ctx, o.Schema, true)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Warehouse) openStore(o Options) error {
	library, err := chdb.Find(o.Library)
	if err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	if err := ownFolder(w.dir); err != nil {
		return err
	}
	if w.lock, err = takeLock(w.dir); err != nil {
		return err
	}
	if w.engine, err = chdb.Open(library, storeIn(w.dir)); err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	return w.connect(chdbOptions(w.engine, acknowledged))
}

func (w *Warehouse) openCopy(ctx context.Context, o Options, dir string) error {
	library, err := chdb.Find(o.Library)
	if err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	if w.private, err = takeCopy(ctx, dir); err != nil {
		return err
	}
	settings := acknowledged
	if w.limits != nil {
		settings = nil // a read-only connection refuses all
		w.engine, err = chdb.OpenReadOnly(library, w.private.store(), *w.limits)
	} else {
		w.engine, err = chdb.Open(library, w.private.store())
	}
	if err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	return w.connect(chdbOptions(w.engine, settings))
}

func chdbOptions(engine *chdb.Engine, settings clickhouse.Settings) clickhouse.Options {
	engine.Database = Database
	return clickhouse.Options{
		Protocol:        clickhouse.HTTP,
		Addr:            []string{"chdb"},
		Auth:            clickhouse.Auth{Database: Database},
		Settings:        settings,
		MaxOpenConns:    256, // the engine's own pool bounds what runs
		MaxIdleConns:    16,
		DialTimeout:     patience, // also bounds the wait for a free connection; contexts end it earlier
		ReadTimeout:     patience,
		ConnMaxLifetime: patience,
		TransportFunc:   func(*http.Transport) (http.RoundTripper, error) { return engine, nil },
	}
}

func (w *Warehouse) connect(options clickhouse.Options) error {
	conn, err := clickhouse.Open(&options)
	if err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	w.options, w.Conn = options, w.covered(conn)
	return nil
}

// In gives a connection whose current database is another. It is closed with the warehouse.
func (w *Warehouse) In(database string) (driver.Conn, error) {
	options := w.options
	options.Auth.Database = database
	conn, err := clickhouse.Open(&options)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", database, err)
	}
	conn = w.covered(conn)
	w.mu.Lock()
	w.others = append(w.others, conn)
	w.mu.Unlock()
	return conn, nil
}

func (w *Warehouse) covered(conn driver.Conn) driver.Conn {
	if w.cover == nil {
		return conn
	}
	return w.cover(conn)
}

// Close stops what still runs, and gives the lock or the private copy back.
func (w *Warehouse) Close() error {
	w.once.Do(func() {
		var failed []error
		w.mu.Lock()
		conns := w.others
		w.mu.Unlock()
		if w.Conn != nil {
			conns = append(conns, w.Conn)
		}
		for _, conn := range conns {
			failed = append(failed, conn.Close())
		}
		if w.engine != nil {
			failed = append(failed, w.engine.Close())
		}
		if w.private != nil {
			failed = append(failed, w.private.remove())
		}
		if w.lock != nil {
			failed = append(failed, w.lock.release())
		}
		w.err = errors.Join(failed...)
	})
	return w.err
}
