package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/sql/chdb"
)

// The ports on which a ClickHouse server answers HTTP unless it was told otherwise.
const (
	portHTTP  = "8123"
	portHTTPS = "8443"
)

// serverResult streams a server's result in a format. A server formats over HTTP only; where the URL is of the native
// protocol, the same hosts are asked on their standard HTTP port, with the same user, settings and certificates.
func (w *Warehouse) serverResult(ctx context.Context, format, sql string) (io.ReadCloser, error) {
	conn, asked := w.Conn, ""
	if w.options.Protocol != clickhouse.HTTP {
		options := overHTTP(w.options)
		asked = strings.Join(options.Addr, ", ")
		var err error
		if conn, err = w.formatter(options); err != nil {
			return nil, fmt.Errorf("run query: %w", err)
		}
	}
	result, err := conn.QueryFormat(ctx, format, sql)
	if err != nil && strings.Contains(err.Error(), "trailing FORMAT clause") { // the driver's check, which has no type
		return nil, &chdb.RefusedError{Reason: "a server is told the format beside the query; leave FORMAT out and give --format"}
	}
	var network net.Error
	if err != nil && asked != "" && errors.As(err, &network) && ctx.Err() == nil {
		return nil, fmt.Errorf("run query: formatted results come over HTTP, and the server does not answer on %s: %w; "+
			"let it listen there, or give its own address as http:// or https:// in warehouse.url", asked, err)
	}
	return result, err
}

// formatter is the HTTP connection beside a native one, made once and closed with the warehouse.
func (w *Warehouse) formatter(options *clickhouse.Options) (driver.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.http == nil {
		conn, err := clickhouse.Open(options)
		if err != nil {
			return nil, err
		}
		w.http = conn
		w.others = append(w.others, conn)
	}
	return w.http, nil
}

// overHTTP are a native connection's options for the HTTP interface of the same hosts. They are written out, since a
// copy would keep the scheme that the driver read from the URL.
func overHTTP(o clickhouse.Options) *clickhouse.Options {
	port := portHTTP
	if o.TLS != nil {
		port = portHTTPS
	}
	hosts := make([]string, len(o.Addr))
	for i, address := range o.Addr {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		hosts[i] = net.JoinHostPort(host, port)
	}
	return &clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: hosts, TLS: o.TLS, Auth: o.Auth, Settings: o.Settings, DialTimeout: o.DialTimeout,
		ReadTimeout: o.ReadTimeout, ConnOpenStrategy: o.ConnOpenStrategy, MaxOpenConns: o.MaxOpenConns, MaxIdleConns: o.MaxIdleConns,
	}
}
