package warehouse

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// clusterSettings hold for a cluster unless its URL says otherwise. A page counts as landed when most replicas have it.
// A replica that is down carries a change of tables out when it is back, and does not stop the run.
var clusterSettings = clickhouse.Settings{
	"insert_quorum":               "auto",
	"distributed_ddl_output_mode": "throw_only_active",
	"mutations_sync":              2,
}

// clustered has every replica of a cluster's one shard carry out what changes tables. Rows go to one replica, the one
// that all of a process's connections are to: what was written is read there at once.
type clustered struct {
	driver.Conn
	name string
}

// Exec gives every replica the statement.
func (c *clustered) Exec(ctx context.Context, query string, args ...any) error {
	statements, err := onCluster(query, c.name)
	if err != nil {
		return err
	}
	if publishes.MatchString(query) {
		if err := c.catchUp(ctx); err != nil {
			return fmt.Errorf("wait for the replicas: %w", err)
		}
	}
	for _, s := range statements {
		if err := c.Conn.Exec(ctx, s, args...); err != nil {
			return err
		}
	}
	return nil
}

// publishes is the one row that makes a build visible.
var publishes = regexp.MustCompile(`^\s*INSERT INTO builds\b`)

// catchUp waits until each replica has what was built: tables are replicated on their own, and the row that publishes a
// build must not overtake its partitions.
func (c *clustered) catchUp(ctx context.Context) error {
	var tables []struct {
		Name string `ch:"name"`
	}
	if err := c.Select(ctx, &tables, "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'build_') ORDER BY name"); err != nil {
		return err
	}
	for _, t := range tables {
		if err := c.Conn.Exec(ctx, "SYSTEM SYNC REPLICA ON CLUSTER "+backquote(c.name)+" "+backquote(t.Name)); err != nil {
			return err
		}
	}
	return nil
}

// versions is goose's own table, as goose would make it.
const versions = "CREATE TABLE IF NOT EXISTS goose_db_version (version_id Int64, is_applied UInt8, date Date DEFAULT now(), tstamp DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY version_id"

// clusterSchema is the schema as a cluster is to carry it out. goose sends its statements by itself.
func clusterSchema(schema fs.FS, cluster string) (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(schema, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(schema, name)
		if err != nil {
			return nil, err
		}
		if out[name], err = clusterMigration(string(text), cluster); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// clusterMigration rewrites one file, statement by statement; goose's own lines stay.
func clusterMigration(text, cluster string) (*fstest.MapFile, error) {
	var out strings.Builder
	start := 0 // of the statement, behind goose's line or the last semicolon
	flush := func(end int) error {
		part := text[start:end]
		if len(tokensOf(part)) == 0 {
			out.WriteString(part)
			return nil
		}
		statements, err := onCluster(part, cluster)
		if err == nil {
			out.WriteString(strings.Join(statements, ";\n"))
		}
		return err
	}
	for _, t := range tokensOf(text) {
		if t.text != ";" {
			continue
		}
		if err := flush(t.start); err != nil {
			return nil, err
		}
		out.WriteString(";")
		start = t.end
	}
	if err := flush(len(text)); err != nil {
		return nil, err
	}
	return &fstest.MapFile{Data: []byte(out.String())}, nil
}
