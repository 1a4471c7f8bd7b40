package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
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

	// What follows is of servers.
	Password string // of the URL's user, when the URL holds none
	TLS      TLS
	Cluster  string       // its name; empty: a single server
	State    string       // folder of the writers' locks and of ForgetKey; empty: the user's own
	Notice   func(string) // is told when a lost connection is tried again; may be nil
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
	address := o.URL
	if u, err := url.Parse(address); err == nil && scheme == "https" && !u.Query().Has("secure") {
		query := u.Query()
		query.Set("secure", "true") // the driver wants it said twice
		u.RawQuery = query.Encode()
		address = u.String()
	}
	options, err := clickhouse.ParseDSN(address)
	var unreadable *url.Error // shows the URL
	switch {
	case errors.As(err, &unreadable):
		return nil, fmt.Errorf("open warehouse: the %s:// URL cannot be read; write %s://user@host:port/%s, and the password into a file that warehouse.password names", scheme, scheme, Database)
	case err != nil:
		return nil, fmt.Errorf("open warehouse: the %s:// URL cannot be read: %w; write %s://user@host:port/%s", scheme, err, scheme, Database)
	}
	if o.Password != "" {
		options.Auth.Password = o.Password
	}
	if options.TLS != nil {
		if err := o.TLS.onto(options.TLS); err != nil {
			return nil, fmt.Errorf("open warehouse: %w", err)
		}
	} else if o.TLS != (TLS{}) {
		return nil, fmt.Errorf("open warehouse: TLS is set and the URL asks for none; write https://, or clickhouse:// with ?secure=true")
	}
	if options.Auth.Database == "" {
		options.Auth.Database = Database
	}
	if options.Auth.Username == "" {
		options.Auth.Username = "default" // the driver's default, here for all that asks
	}
	if options.Settings == nil {
		options.Settings = clickhouse.Settings{}
	}
	maps.Copy(options.Settings, acknowledged)
	if o.Cluster != "" {
		for name, value := range clusterSettings {
			if _, given := options.Settings[name]; !given {
				options.Settings[name] = value
			}
		}
	}
	options.MaxOpenConns, options.MaxIdleConns = 64, 8
	options.DialTimeout, options.ReadTimeout = dialPatience, patience
	return options, nil
}

// acknowledged are the settings of every connection. An insert is acknowledged when its rows are stored, and rows are
// not dropped for being like earlier ones: what is landed again is landed again. Once asks for that where it is meant.
var acknowledged = clickhouse.Settings{"async_insert": 0, "deduplicate_insert": "disable", "deduplicate_insert_select": "disable"}

// dialPatience is how long reaching a server may take: a wrong port is to show at once.
var dialPatience = 10 * time.Second

// patience is how long one statement may take: long models are no failure, and contexts end them earlier.
const patience = 24 * time.Hour
