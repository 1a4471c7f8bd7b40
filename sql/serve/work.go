package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// task is what a worker is told on its standard input. It holds no secret.
type task struct {
	URL     string
	Base    string
	Library string
	Limits  warehouse.Limits
	Socket  string
}

// ready is what a worker says, on its third open file, once it answers, or cannot.
type ready struct {
	Error string
}

// readyFile is the number of that file.
const readyFile = 3

// Work is the process that opens a read copy and answers queries on a socket, until its standard input ends: so it
// also ends with the process that started it, however that one ended.
func Work(ctx context.Context, in io.Reader) error {
	out := os.NewFile(readyFile, "ready")
	if out == nil {
		return errors.New("this command is how `srekpi serve` starts its engine; run that one")
	}
	defer out.Close()
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read what to open: %w", err)
	}
	var t task
	if err := json.Unmarshal(line, &t); err != nil {
		return fmt.Errorf("read what to open: %w", err)
	}
	err = t.work(ctx, lines, out)
	if err != nil {
		_ = json.NewEncoder(out).Encode(ready{Error: err.Error()}) // nobody listens any more once it has said that it is ready
	}
	return err
}

func (t task) work(ctx context.Context, rest io.Reader, out io.Writer) (err error) {
	wh, err := warehouse.OpenQuery(ctx, warehouse.Options{URL: t.URL, Base: t.Base, Library: t.Library}, t.Limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()
	a := &answerer{warehouse: wh, limit: t.Limits.MaxExecutionTime}
	if err := wh.QueryRow(ctx, "SELECT timezone()").Scan(&a.zone); err != nil {
		return fmt.Errorf("ask the engine: %w", err)
	}
	listener, err := net.Listen("unix", t.Socket)
	if err != nil {
		return fmt.Errorf("listen for queries: %w", err)
	}
	server := &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second, ErrorLog: silent}
	over := make(chan error, 1)
	go func() { over <- server.Serve(listener) }()
	if err := json.NewEncoder(out).Encode(ready{}); err != nil {
		return fmt.Errorf("say that the engine is ready: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, rest) // its end is the message
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	case err := <-over:
		return err
	}
	return server.Close()
}
