package warehouse

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// waits lie between the tries of one statement: a server that restarts is back within them.
var waits = []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond,
	1600 * time.Millisecond, 3200 * time.Millisecond, 6400 * time.Millisecond, 12800 * time.Millisecond}

// rounds is how often a piece of work begins anew.
const rounds = 10

// LostError is returned when the connection to a server was lost and trying again did not help, or must not be done.
type LostError struct{ Err error }

func (e *LostError) Error() string {
	return fmt.Sprintf("the connection to the warehouse was lost: %v; what was stored is kept, run it again once the server can be reached", cause(e.Err))
}

func (e *LostError) Unwrap() error { return e.Err }

// troubles are what a server says of its own trouble, not of the statement.
var troubles = []int32{
	202,      // TOO_MANY_SIMULTANEOUS_QUERIES
	209, 210, // SOCKET_TIMEOUT, NETWORK_ERROR
	225, 242, 285, // NO_ZOOKEEPER, TABLE_IS_READ_ONLY, TOO_FEW_LIVE_REPLICAS
	319, // UNKNOWN_STATUS_OF_INSERT
	999, // KEEPER_EXCEPTION
}

// lost says that an error is of the connection: nobody knows whether the statement was done.
func lost(err error) bool {
	var gave *LostError
	var said *clickhouse.Exception
	var gateway *clickhouse.HTTPError
	var unknown *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var alert tls.AlertError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &gave):
		return true
	case errors.As(err, &said):
		return slices.Contains(troubles, said.Code)
	case errors.As(err, &gateway):
		return gateway.StatusCode >= 502 && gateway.StatusCode <= 504
	case errors.As(err, &unknown) && unknown.IsNotFound, errors.As(err, &untrusted), errors.As(err, &authority), errors.As(err, &alert):
		return false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, clickhouse.ErrConnectionClosed),
		errors.Is(err, clickhouse.ErrAcquireConnTimeout), errors.Is(err, sqldriver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return true
	}
	return errors.As(err, &network)
}

// cause is a loss without the address that was asked, which holds each setting and the user.
func cause(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

// statements number what one process sends to a server, so that it can stop what it has lost sight of.
type statements struct {
	machine string // begins the ids of all processes that share this one's lock
	process string // begins the ids of this one
	count   atomic.Uint64
	notice  func(string)
}

func newStatements(o *clickhouse.Options, notice func(string)) *statements {
	host, _ := os.Hostname() // unnamed ones are one
	machine := "srekpi-" + shortHash(host+" "+serverPlace(o)) + "-"
	return &statements{machine: machine, process: machine + rand.Text()[:10] + "-", notice: notice}
}

func (s *statements) next() string { return fmt.Sprint(s.process, s.count.Add(1)) }

// wait says that it tries again, and waits before the try of that number. ok is false when there is none left.
func (s *statements) wait(ctx context.Context, try int, err error) (ok bool) {
	if try >= len(waits) || ctx.Err() != nil {
		return false
	}
	if s.notice != nil {
		s.notice(fmt.Sprintf("lost the connection to the warehouse (%v); trying again in %s, %d of %d", cause(err), waits[try], try+1, len(waits)))
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(waits[try]):
		return true
	}
}

// steady is a server's connection that outlives its losses. What reads, and what does no harm when done twice, is sent
// again; of all else the loss is returned, after what may still run on the server was stopped.
type steady struct {
	driver.Conn
	*statements
}

// repeat sends until the server has answered.
func (s *steady) repeat(ctx context.Context, send func(context.Context) error) error {
	for try := 0; ; try++ {
		err := send(ctx)
		if !lost(err) || ctx.Err() != nil {
			return err
		}
		if !s.wait(ctx, try, err) {
			return &LostError{err}
		}
	}
}

// Query is sent again until its result begins. A loss in the middle of it is the reader's, see [Warehouse.Retry].
func (s *steady) Query(ctx context.Context, query string, args ...any) (rows driver.Rows, err error) {
	err = s.repeat(ctx, func(ctx context.Context) (err error) {
		rows, err = s.Conn.Query(ctx, query, args...)
		return err
	})
	return rows, err
}

// Select gives dest the rows of one answer, never of two halves.
func (s *steady) Select(ctx context.Context, dest any, query string, args ...any) error {
	return s.repeat(ctx, func(ctx context.Context) error {
		empty(dest)
		return s.Conn.Select(ctx, dest, query, args...)
	})
}

func (s *steady) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	return &steadyRow{s, ctx, query, args}
}

func (s *steady) Ping(ctx context.Context) error { return s.repeat(ctx, s.Conn.Ping) }

// Exec is sent again when that does no harm. A lost one is stopped on the server first: two of them would mix.
func (s *steady) Exec(ctx context.Context, query string, args ...any) error {
	for try := 0; ; try++ {
		id := s.next()
		err := s.Conn.Exec(clickhouse.Context(ctx, clickhouse.WithQueryID(id)), query, args...)
		if !lost(err) || ctx.Err() != nil {
			return err
		}
		if stopped := s.stop(ctx, id); stopped != nil {
			return &LostError{errors.Join(err, stopped)}
		}
		if !repeatable(query) || !s.wait(ctx, try, err) {
			return &LostError{err}
		}
	}
}

// PrepareBatch is not repeated: rows are still to come. See [Once].
func (s *steady) PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error) {
	return s.Conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithQueryID(s.next())), query, opts...)
}

// stop ends the statements whose id begins so, and returns once they have.
func (s *steady) stop(ctx context.Context, prefix string) error {
	return s.repeat(ctx, func(ctx context.Context) error {
		return s.Conn.Exec(ctx, "KILL QUERY WHERE startsWith(query_id, '"+prefix+"') SYNC")
	})
}

// repeatable says that a statement done twice leaves what it leaves done once.
func repeatable(query string) bool {
	words := strings.Fields(query)
	is := func(at int, want ...string) bool {
		for i, w := range want {
			if at+i >= len(words) || !strings.EqualFold(words[at+i], w) {
				return false
			}
		}
		return true
	}
	switch {
	case is(0, "CREATE", "OR", "REPLACE"), is(0, "CREATE") && is(2, "IF", "NOT", "EXISTS"), is(0, "DROP") && is(2, "IF", "EXISTS"),
		is(0, "DELETE", "FROM"), is(0, "TRUNCATE"), is(0, "OPTIMIZE"), is(0, "SYSTEM"):
		return true
	case is(0, "ALTER", "TABLE"):
		return is(3, "DROP", "PARTITION") || is(3, "DELETE") || is(3, "MODIFY") || is(3, "COMMENT")
	}
	return false
}

// steadyRow is asked for when it is read, as often as it takes.
type steadyRow struct {
	s     *steady
	ctx   context.Context
	query string
	args  []any
}

func (r *steadyRow) read(scan func(driver.Row) error) error {
	return r.s.repeat(r.ctx, func(ctx context.Context) error { return scan(r.s.Conn.QueryRow(ctx, r.query, r.args...)) })
}

func (r *steadyRow) Scan(dest ...any) error {
	return r.read(func(row driver.Row) error { return row.Scan(dest...) })
}

func (r *steadyRow) ScanStruct(dest any) error {
	return r.read(func(row driver.Row) error { return row.ScanStruct(dest) })
}

func (r *steadyRow) Err() error { return r.read(driver.Row.Err) }
