package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const serveConfig = `serve: {listen: "127.0.0.1:0"}
sources:
  - {name: a, type: file, entity: incident, path: a.csv, fields: {id: id, title: what, created_at: at}}
`

// served is a `srekpi serve` of its own process.
type served struct {
	cmd      *exec.Cmd
	url      string
	token    string
	out, log *bytes.Buffer
}

func serveIn(t *testing.T, dir string, env ...string) *served {
	t.Helper()
	s := &served{cmd: command(t, dir, "serve"), out: &bytes.Buffer{}, log: &bytes.Buffer{}}
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // where the test ends early
	for lines := bufio.NewScanner(out); lines.Scan(); {
		s.out.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "curl") {
			break
		}
	}
	if s.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(s.out.String()); s.url == "" {
		_ = s.cmd.Wait()
		t.Fatalf("no address:\n%s%s", s.out, s.log)
	}
	if token, err := os.ReadFile(filepath.Join(dir, "data", "serve.token")); err == nil {
		s.token = strings.TrimSpace(string(token))
	}
	return s
}

func (s *served) ask(t *testing.T, sql string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("default", s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

func (s *served) until(t *testing.T, sql, want string) {
	t.Helper()
	got := ""
	for range 300 {
		if got = s.ask(t, sql); got == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s: the answer stays %q, want %q", sql, got, want)
}

// copies waits until so many copies of readers are there.
func copies(t *testing.T, dir string, want int) {
	t.Helper()
	var found []string
	for range 300 {
		if found, _ = filepath.Glob(filepath.Join(dir, "data", "readers", "*.lock")); len(found) == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("copies of readers: %v, want %d", found, want)
}

// TestRunWhileOthersRead: a run ends while serve and sql have the warehouse open, and then serve answers from what it
// has published.
func TestRunWhileOthersRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "srekpi.yml"), serveConfig)
	write(t, filepath.Join(dir, "a.csv"), "id,what,at\n1,Login fails,2026-01-01\n")
	s := serveIn(t, dir)
	if got := s.ask(t, "SELECT 1"); !strings.Contains(got, "nothing is published") || !strings.Contains(got, "run `srekpi run` first") {
		t.Errorf("before the first run: %q", got)
	}
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-10")
	const count = "SELECT count() FROM incidents"
	s.until(t, count, "1")

	open := command(t, dir, "sql", "--format", "TSV", "SELECT number FROM numbers(5000000)")
	if _, err := open.StdoutPipe(); err != nil { // nobody reads it, so it waits
		t.Fatal(err)
	}
	if err := open.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = open.Process.Kill()
		_ = open.Wait()
	}()
	copies(t, dir, 2)
	write(t, filepath.Join(dir, "a.csv"), "id,what,at\n1,Login fails,2026-01-01\n2,Mail is late,2026-01-02\n")
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-10")
	s.until(t, count, "2")

	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if said := s.out.String() + s.log.String(); s.token == "" || strings.Contains(said, s.token) || !strings.Contains(said, "token in data/serve.token") {
		t.Errorf("it says:\n%s", said)
	}
	copies(t, dir, 1) // that of sql

	// A password of one's own is shown nowhere, and kill -9 of the server ends its engine too.
	const password = "correct horse battery"
	write(t, filepath.Join(dir, "srekpi.yml"), strings.Replace(serveConfig, `0"}`, `0", password: {env: MY_PASSWORD}}`, 1))
	if code, log := logged(t, dir, "serve"); code != exitFailed || !strings.Contains(log, "environment variable MY_PASSWORD holds no password of 12 characters") {
		t.Errorf("without a password: %d %s", code, log)
	}
	s = serveIn(t, dir, "MY_PASSWORD="+password)
	s.token = password
	s.until(t, count, "2")
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // it was killed
	copies(t, dir, 1)
	if said := s.out.String() + s.log.String(); strings.Contains(said, password) || !strings.Contains(said, "$MY_PASSWORD") {
		t.Errorf("it says:\n%s", said)
	}
}
