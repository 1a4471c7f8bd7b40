package warehouse

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// openServer connects to a server, which must answer and be new enough.
func (w *Warehouse) openServer(ctx context.Context, o Options, limits *Limits) error {
	options, err := o.server()
	if err != nil {
		return err
	}
	for name, value := range limitSettings(limits) {
		options.Settings[name] = value
	}
	w.cluster = o.Cluster
	if limits == nil { // with limits it may not even stop a query
		statements := newStatements(options, o.Notice)
		w.cover = func(conn driver.Conn) driver.Conn {
			if o.Cluster != "" {
				conn = &clustered{conn, o.Cluster}
			}
			return &steady{conn, statements}
		}
	}
	if o.Cluster == "" || len(options.Addr) == 1 {
		return w.reach(ctx, *options)
	}
	// One replica for all that this process does: what it writes it must read.
	for _, one := range options.Addr {
		alone := *options
		alone.Addr = []string{one}
		if err = w.reach(ctx, alone); err == nil {
			return nil
		}
	}
	return err
}

func (w *Warehouse) reach(ctx context.Context, options clickhouse.Options) (err error) {
	if err := w.connect(options); err != nil {
		return err
	}
	// The database may not be there yet; system always is.
	if w.root, err = w.In("system"); err != nil {
		return err
	}
	return w.greet(ctx)
}

// readServer is openServer of a database that must be there.
func (w *Warehouse) readServer(ctx context.Context, o Options, limits *Limits) error {
	if err := w.openServer(ctx, o, limits); err != nil {
		return err
	}
	there, err := w.hasDatabase(ctx)
	if err == nil && !there {
		err = &NothingPublishedError{Path: serverPlace(&w.options)}
	}
	return err
}

// writeServer is openServer under the lock of this machine, which nobody else of it can then write past.
func (w *Warehouse) writeServer(ctx context.Context, o Options) error {
	options, err := o.server()
	if err != nil {
		return err
	}
	dir, err := o.state()
	if err != nil {
		return fmt.Errorf("open warehouse: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open warehouse: make the folder of locks: %w; set XDG_STATE_HOME to one that this user may write to", err)
	}
	if w.lock, err = takeLockFile(filepath.Join(dir, shortHash(serverPlace(options))+".lock"), serverPlace(options)); err != nil {
		return err
	}
	if err := w.openServer(ctx, o, nil); err != nil {
		return err
	}
	// What a process of this machine sent before it died may still run.
	s := w.root.(*steady)
	return s.stop(ctx, s.machine)
}

// state is the folder of what belongs to a server's database and stands on this machine.
func (o Options) state() (string, error) {
	if o.State != "" {
		return o.State, nil
	}
	return stateFolder()
}

// stateFolder is where a service keeps state, else where a user's programs do.
func stateFolder() (string, error) {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" { // systemd's
		first, _, _ := strings.Cut(dir, ":")
		return first, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "srekpi"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the lock: %w; set XDG_STATE_HOME", err)
	}
	return filepath.Join(home, ".local", "state", "srekpi"), nil
}

// serverPlace names the server and the database, without credentials.
func serverPlace(o *clickhouse.Options) string {
	return "the database " + o.Auth.Database + " at " + strings.Join(o.Addr, ", ")
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:6])
}

// unreachable says what to do about a server that does not answer as it should.
func (w *Warehouse) unreachable(err error) error {
	next := "check host and port: a ClickHouse server listens on 9000 (clickhouse://), 9440 (clickhouse:// with ?secure=true), 8123 (http://) and 8443 (https://)"
	var answered *clickhouse.Exception
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &answered):
		switch answered.Code {
		case 516, 192, 193, 194:
			next = "check the user in warehouse.url, and warehouse.password"
		default:
			next = "what the server says is to be mended there"
		}
	case errors.As(err, &authority):
		next = "name the authority that signed the server's certificate in warehouse.tls.ca_file"
	case errors.As(err, &name):
		next = "set warehouse.tls.server_name to a name in the server's certificate"
	case strings.Contains(err.Error(), "tls: "):
		next = "check that the port is the one for TLS, and whether the server wants a client certificate (warehouse.tls.cert_file)"
	}
	return fmt.Errorf("open warehouse: no use of ClickHouse at %s: %w; %s", strings.Join(w.options.Addr, ", "), w.masked(cause(err)), next)
}

// masked is an error without the password, should a part of it have come in.
func (w *Warehouse) masked(err error) error {
	password := w.options.Auth.Password
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "***"))
}
