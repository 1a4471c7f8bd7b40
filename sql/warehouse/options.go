package warehouse

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/srekpi/srekpi/sql/chdb"
)

// Options say which warehouse to open.
type Options struct {
	URL     string // chdb://DIR (absolute or relative to Base), clickhouse://…, http(s)://…
	Base    string // folder that a relative chdb path resolves against (the config's folder)
	Library string // libchdb.so, when configured
	Schema  fs.FS  // goose migrations (*.sql at its root); writers migrate on open
}

// Limits bound a query that a user typed.
type Limits = chdb.Limits

// Database holds everything that srekpi stores, unless a server's URL names another.
const Database = "srekpi"

const embedded = "chdb://"

// folder is the data folder of an embedded warehouse; ok is false for a server.
func (o Options) folder() (dir string, ok bool, err error) {
	dir, ok = strings.CutPrefix(o.URL, embedded)
	if !ok {
		return "", false, nil
	}
	if dir == "" {
		return "", true, fmt.Errorf("open warehouse: %q names no folder; write %s./data", o.URL, embedded)
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(o.Base, dir)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", true, fmt.Errorf("open warehouse: %w", err)
	}
	return dir, true, nil
}

// server reads a server's URL. Errors leave the URL out: it may hold a password.
func (o Options) server() (*clickhouse.Options, error) {
	scheme, _, _ := strings.Cut(o.URL, "://")
	switch scheme {
	case "clickhouse", "tcp", "native", "http", "https":
	default:
		return nil, fmt.Errorf("open warehouse: unknown kind of URL %q; use %sDIR, clickhouse://, http:// or https://", scheme, embedded)
	}
	options, err := clickhouse.ParseDSN(o.URL)
	if err != nil {
		return nil, fmt.Errorf("open warehouse: the %s:// URL cannot be read: %w; write %s://user:password@host:port/%s", scheme, err, scheme, Database)
	}
	if options.Auth.Database == "" {
		options.Auth.Database = Database
	}
	if options.Settings == nil {
		options.Settings = clickhouse.Settings{}
	}
	// An insert is acknowledged when its rows are stored.
	options.Settings["async_insert"] = 0
	options.MaxOpenConns, options.MaxIdleConns = 16, 8
	options.ReadTimeout = patience
	return options, nil
}

// patience is how long one statement may take: long models are no failure, and contexts end them earlier.
const patience = 24 * time.Hour
