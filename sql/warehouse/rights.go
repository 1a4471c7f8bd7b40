package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Server is what a server says of itself and of what the user may do.
type Server struct {
	Place   string   // the database and the server, without credentials
	Version string   // of ClickHouse
	Exists  bool     // the database is there
	Missing []string // rights that a writer lacks
	Reads   bool     // the user may read the database
}

// writing are the rights that a writer needs in its database.
var writing = []string{"SELECT", "INSERT", "ALTER", "CREATE TABLE", "CREATE VIEW", "DROP TABLE", "DROP VIEW"}

// TryServer reaches the server of a URL and changes nothing. It is nil for the embedded engine.
func TryServer(ctx context.Context, o Options) (s *Server, err error) {
	if _, local, err := o.folder(); local || err != nil {
		return nil, err
	}
	w := &Warehouse{}
	defer w.Close()
	if err := w.openServer(ctx, o, nil); err != nil {
		return nil, err
	}
	hello, err := w.root.ServerVersion()
	if err != nil {
		return nil, w.unreachable(err)
	}
	s = &Server{Place: serverPlace(&w.options), Version: hello.Version.String()}
	if s.Exists, err = w.hasDatabase(ctx); err != nil {
		return nil, err
	}
	on := backquote(w.options.Auth.Database) + ".*"
	needs := make([]string, 0, len(writing)+2)
	for _, right := range writing {
		needs = append(needs, right+" ON "+on)
	}
	needs = append(needs, "CREATE FUNCTION ON *.*")
	if !s.Exists {
		needs = append(needs, "CREATE DATABASE ON "+on)
	}
	if o.Cluster != "" {
		needs = append(needs, "CLUSTER ON *.*")
	}
	for _, need := range needs {
		granted, err := granted(ctx, w.root, need)
		if err != nil {
			return nil, err
		}
		if !granted {
			s.Missing = append(s.Missing, need)
		} else if strings.HasPrefix(need, "SELECT ") {
			s.Reads = true
		}
	}
	return s, nil
}

func granted(ctx context.Context, conn driver.Conn, right string) (bool, error) {
	var yes uint8
	if err := conn.QueryRow(ctx, "CHECK GRANT "+right).Scan(&yes); err != nil {
		return false, fmt.Errorf("ask for the right to %s: %w", right, err)
	}
	return yes == 1, nil
}
