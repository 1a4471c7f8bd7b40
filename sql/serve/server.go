package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// Options say what to serve, to whom, and how much of it.
type Options struct {
	Listen    string // host:port of this machine; port 0 is any free one
	User      string
	Secret    string // the user's password, or token
	Warehouse warehouse.Options
	Limits    warehouse.Limits
	Queries   int      // that run at once
	Command   []string // arguments with which this program calls [Work]
	Log       io.Writer
}

const (
	// waiting bounds the queries that wait for others to end.
	waiting = 200
	// connections bounds those of all clients.
	connections = 512
	// drain is how long queries may go on when the server ends.
	drain = 10 * time.Second
)

// silent drops what net/http would log of broken connections.
var silent = log.New(io.Discard, "", 0)

// Server answers on a port of this machine.
type Server struct {
	o        Options
	listener net.Listener
	engines  *engines
	logins   *logins
	queue    *queue
}

// Listen takes the port. Nothing answers there before [Server.Run].
func Listen(o Options) (*Server, error) {
	if _, err := chdb.Find(o.Warehouse.Library); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	data, err := warehouse.Folder(o.Warehouse)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	if err := loopback(o.Listen); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("serve: %w; is another srekpi serve running? Choose another port with serve.listen", err)
	}
	return &Server{
		o: o, listener: netutil.LimitListener(listener, connections),
		engines: newEngines(o, data), logins: newLogins(o.User, o.Secret), queue: newQueue(o.Queries, waiting),
	}, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run answers until the context ends. Then queries that run have a moment to end.
func (s *Server) Run(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	kept := make(chan error, 1)
	go func() { kept <- s.engines.keep(life) }()
	server := &http.Server{
		Handler: s.handler(), ErrorLog: silent,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxQuery,
	}
	over := make(chan error, 1)
	go func() { over <- server.Serve(s.listener) }()
	var err error
	select {
	case err = <-over:
	case <-ctx.Done():
		patience, stop := context.WithTimeout(life, drain)
		if err = server.Shutdown(patience); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		stop()
	}
	end()
	return errors.Join(err, <-kept)
}

// loopback refuses an address that other machines reach: there is no encryption here.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen address %q: %w; write 127.0.0.1:8123", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen address %q is not of this machine alone; write 127.0.0.1:8123, and reach it from elsewhere through ssh -L", address)
	}
	return nil
}
