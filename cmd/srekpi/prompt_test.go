package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is srekpi in a real terminal, and what it has shown.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	file   *os.File
	mu     sync.Mutex
	shown  []byte
	seen   int // up to here the test has looked
	closed chan struct{}
}

func openTerminal(t *testing.T, dir string, args ...string) *terminal {
	t.Helper()
	cmd := command(t, dir, args...)
	cmd.Env = append(cmd.Env, "TERM=xterm", "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, cmd: cmd, file: file, closed: make(chan struct{})}
	go func() {
		defer close(x.closed)
		buffer := make([]byte, 4096)
		for {
			n, err := file.Read(buffer)
			x.mu.Lock()
			x.shown = append(x.shown, buffer[:n]...)
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		file.Close()
	})
	return x
}

// types sends keys and waits until the text is shown after them.
func (x *terminal) types(keys, want string) {
	x.t.Helper()
	x.mu.Lock()
	x.seen = len(x.shown)
	x.mu.Unlock()
	if _, err := x.file.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
	x.shows(want)
}

var controls = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`)

func (x *terminal) shows(want string) {
	x.t.Helper()
	var text string
	for range 1200 {
		x.mu.Lock()
		text = controls.ReplaceAllString(string(x.shown[x.seen:]), "")
		x.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.t.Fatalf("the terminal does not show %q within a minute; it shows:\n%s", want, text)
}

// ends waits for the process, and holds its exit code.
func (x *terminal) ends(code int) {
	x.t.Helper()
	<-x.closed
	x.cmd.Wait()
	if got := x.cmd.ProcessState.ExitCode(); got != code {
		x.t.Errorf("exit code %d, want %d; shown:\n%s", got, code, x.shown)
	}
}

const (
	up     = "\x1b[A"
	ctrlC  = "\x03"
	ctrlD  = "\x04"
	escape = "\x1b]0;owned\x07"
)

func TestPrompt(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "srekpi.yml"), "sources:\n  - {name: a, type: file, entity: incident, path: a.csv, fields: {id: id, title: what, created_at: at}}\n")
	write(t, filepath.Join(dir, "a.csv"), "id,what,at\n1,Login"+escape+" fails,2026-01-01\n")
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-10")

	x := openTerminal(t, dir, "sql", "SELECT title FROM incidents")
	x.shows("│ Login^[]0;owned^G fails │")
	x.ends(0)
	x = openTerminal(t, dir, "sql", "--format", "Parquet", "SELECT 1")
	x.shows("Parquet is a binary format")
	x.ends(1)

	x = openTerminal(t, dir, "sql")
	x.shows("Build 1, as of 2026-03-10 00:00 UTC.")
	// A statement over lines, with a table, a column of it and a KPI completed.
	x.types("SELECT 42 + uniq(kp\t) FROM\rkpi_val\t WHERE kpi = 'time_to_res\t'\r;\r", "43 │")
	x.types("SELECT title FROM incidents;\r", "│ Login^[]0;owned^G fails │")
	x.types("SELECT sum(severity), 41 + count() FROM incidents GROUP BY ALL;\r", "42 │")
	x.shows("1 row. ")
	x.types("\\d incidents\r", "the source's name in the config")
	// Mistakes and refusals keep the prompt.
	x.types("DROP TABLE incidents;\r", "query refused: it is no question")
	x.types("SELECT 1 FORMAT Parquet;\r", "Parquet is a binary format")
	x.types("\\param n 6\rSELECT 7 * {n:UInt8};\r", "42 │")
	x.types("\\format Vertical\r", "shown as Vertical")
	// Ctrl-C drops a line, and stops a query.
	x.types("SELECT 'not this"+ctrlC+"SELECT 6 * 7 AS x;\r", "x: 42")
	x.types("SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1;\r", "= 1;\r\n")
	time.Sleep(300 * time.Millisecond) // so that the query runs
	x.types(ctrlC, "stopped after ")

	// A run publishes meanwhile; the prompt stays with its build until it is told.
	write(t, filepath.Join(dir, "a.csv"), "id,what,at\n1,Login fails,2026-01-01\n2,Again,2026-01-02\n")
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-11")
	x.types("\r", "A newer build was published; \\refresh asks that one.")
	x.types("SELECT 41 + count() AS y FROM incidents;\r", "y: 42")
	x.types("\\refresh\r", "Build 2, as of 2026-03-11 00:00 UTC.")
	x.types("SELECT 41 + count() AS y FROM incidents;\r", "y: 43")
	x.types(" SELECT 'a secret' AS z;\r", "z: a secret")
	x.types(ctrlD, "")
	x.ends(0)

	history := filepath.Join(dir, "state", "srekpi", "sql_history")
	info, err := os.Stat(history)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("history: %v, %v", info, err)
	}
	if text, _ := os.ReadFile(history); strings.Contains(string(text), "secret") || !strings.Contains(string(text), "\nDROP TABLE incidents;\n") {
		t.Errorf("history:\n%s", text)
	}

	// The next session remembers, and an end from outside gives the terminal and the copy back.
	x = openTerminal(t, dir, "sql", "--format", "Vertical")
	x.shows("srekpi> ")
	x.types(up+"\r", "y: 43")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.ends(1)
	if left, err := os.ReadDir(filepath.Join(dir, "data", "readers")); err != nil || len(left) > 0 {
		t.Errorf("copies left: %v, %v", left, err)
	}
}
