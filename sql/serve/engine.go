package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// engine is a process that answers from one read copy.
type engine struct {
	copy   string // the name of what it opened
	proxy  *httputil.ReverseProxy
	cmd    *exec.Cmd
	stdin  io.Closer
	socket string
	gone   chan struct{} // closed when the process has ended

	once sync.Once
	mu   sync.Mutex
	why  string // it was killed, or how it ended

	busy    int  // queries; the engines' lock guards both
	retired bool // gets no new ones
}

// startPatience bounds how long a process may take to open a copy.
const startPatience = time.Minute

// start starts a process for a read copy and waits until it answers.
func (o Options) start(ctx context.Context, copy, socket string) (*engine, error) {
	program, err := self()
	if err != nil {
		return nil, err
	}
	says, tells, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start an engine: %w", err)
	}
	defer says.Close()
	cmd := exec.Command(program, o.Command...)
	cmd.Args[0] = os.Args[0]
	cmd.Stderr, cmd.ExtraFiles = o.Log, []*os.File{tells}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the server, which lets queries end
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	tells.Close()
	if err != nil {
		return nil, fmt.Errorf("start an engine: %w", err)
	}
	e := &engine{copy: copy, cmd: cmd, stdin: stdin, socket: socket, gone: make(chan struct{})}
	go e.wait()
	answer := make(chan error, 1)
	go func() { answer <- e.introduce(o, stdin, says) }()
	select {
	case err = <-answer:
	case <-time.After(startPatience):
		err = fmt.Errorf("it did not answer within %s", startPatience)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		e.stop()
		return nil, err
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		DisableCompression: true, MaxIdleConnsPerHost: o.Queries,
	}
	e.proxy = &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", "engine"
		},
		Transport: transport, FlushInterval: -1, ErrorLog: silent,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler) // the client has gone
			}
			w.Header().Set("Retry-After", "5")
			unavailable(e.lost(err)).write(w, r)
		},
	}
	return e, nil
}

// self is this very program, also when its file has been replaced since it was started.
func self() (string, error) {
	const running = "/proc/self/exe"
	if _, err := os.Stat(running); err == nil {
		return running, nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return program, nil
}

func (e *engine) introduce(o Options, stdin io.Writer, says io.Reader) error {
	t := task{URL: o.Warehouse.URL, Base: o.Warehouse.Base, Library: o.Warehouse.Library, Limits: o.Limits, Socket: e.socket}
	if err := json.NewEncoder(stdin).Encode(t); err != nil {
		return fmt.Errorf("start an engine: %w", e.lost(err))
	}
	var r ready
	if err := json.NewDecoder(says).Decode(&r); err != nil {
		return fmt.Errorf("start an engine: %w", e.lost(err))
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return nil
}

// wait notes how the process ended.
func (e *engine) wait() {
	err := e.cmd.Wait()
	e.mu.Lock()
	if e.why == "" {
		e.why = "it ended"
		if err != nil {
			e.why = fmt.Sprintf("it ended with %v", err)
		}
		if status, ok := e.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			e.why = "it was killed; was there too little memory on this machine?"
		}
	}
	e.mu.Unlock()
	close(e.gone)
}

// lost is why a query has no answer.
func (e *engine) lost(err error) error {
	select {
	case <-e.gone:
	case <-time.After(time.Second): // the connection breaks a moment before the end is known
		return fmt.Errorf("the engine does not answer: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return fmt.Errorf("the engine ended while it ran this query: %s; another is started, ask again", e.why)
}

// stop lets the process remove its copy and end, and kills one that does not.
func (e *engine) stop() {
	e.once.Do(func() {
		e.mu.Lock()
		if e.why == "" {
			e.why = "it was stopped"
		}
		e.mu.Unlock()
		_ = e.stdin.Close() // the message; an error means that it has ended
		select {
		case <-e.gone:
		case <-time.After(2 * grace):
			_ = e.cmd.Process.Kill()
			<-e.gone
		}
		_ = os.Remove(e.socket) // of one that was killed
	})
}

func (e *engine) kill(why string) {
	e.mu.Lock()
	if e.why == "" {
		e.why = why
	}
	e.mu.Unlock()
	_ = e.cmd.Process.Kill() // an error means that it has ended
}

func (e *engine) ended() bool {
	select {
	case <-e.gone:
		return true
	default:
		return false
	}
}
