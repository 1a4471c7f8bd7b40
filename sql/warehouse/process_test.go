package warehouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// playRole is this test binary started again as another process: it does one thing, says so, and waits to be killed.
func playRole(role string) {
	ctx := context.Background()
	o := Options{URL: os.Getenv("WAREHOUSE_TEST_URL"), Schema: schema}
	var err error
	var w *Warehouse
	switch role {
	case "writer":
		if w, err = OpenWriter(ctx, o); err == nil {
			fmt.Println("open")
			for batch := 1; err == nil; batch++ {
				if err = Insert(ctx, w, "events", events(batch, 1000)); err == nil {
					fmt.Println("stored", batch)
				}
			}
		}
	case "reader":
		if w, err = OpenReader(ctx, o); err == nil {
			var n uint64
			err = w.QueryRow(ctx, "SELECT count() FROM events").Scan(&n)
			fmt.Println("rows", n)
		}
	case "quiet":
		err = makeNoise(ctx, o)
	case "torn":
		err = readForTornBatches(ctx, o)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	if role == "torn" || role == "quiet" {
		fmt.Println("done")
		return
	}
	select {}
}

type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func start(t *testing.T, role string, o Options) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "WAREHOUSE_TEST_ROLE="+role, "WAREHOUSE_TEST_URL="+o.URL)
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	p := &process{cmd: cmd, lines: bufio.NewScanner(out)}
	t.Cleanup(p.kill)
	return p
}

// kill is kill -9.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

func (p *process) wants(t *testing.T, want string) {
	t.Helper()
	if !p.lines.Scan() || p.lines.Text() != want {
		t.Fatalf("the other process says %q, want %q", p.lines.Text(), want)
	}
}

func TestSecondWriterIsToldWhoWrites(t *testing.T) {
	o := at(t)
	other := start(t, "writer", o)
	other.wants(t, "open")
	_, err := OpenWriter(context.Background(), o)
	var locked *LockedError
	if !errors.As(err, &locked) || !errors.Is(err, ErrLocked) || locked.PID != other.cmd.Process.Pid {
		t.Fatalf("got %v, want the lock of pid %d", err, other.cmd.Process.Pid)
	}
	dir, _, _ := o.folder()
	if want := fmt.Sprintf("another srekpi (pid %d) is writing to %s; wait for it to end or stop it", locked.PID, dir); err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestKilledWriterFreesTheLockAndKeepsWholeBatches(t *testing.T) {
	o := at(t)
	other := start(t, "writer", o)
	other.wants(t, "open")
	stored := 0
	for stored < 20 && other.lines.Scan() {
		if _, err := fmt.Sscanf(other.lines.Text(), "stored %d", &stored); err != nil {
			t.Fatal(other.lines.Text())
		}
	}
	other.kill()
	for other.lines.Scan() {
		fmt.Sscanf(other.lines.Text(), "stored %d", &stored)
	}
	w := writer(t, o)
	if n := count(t, w, fmt.Sprintf("SELECT uniqExact(batch) FROM events WHERE batch <= %d", stored)); n != uint64(stored) {
		t.Errorf("%d of %d acknowledged batches are there", n, stored)
	}
	if n := count(t, w, "SELECT count() FROM (SELECT batch FROM events GROUP BY batch HAVING count() != 1000)"); n != 0 {
		t.Errorf("%d torn batches", n)
	}
}

func TestReaderInAnotherProcessIsUndisturbed(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 1000)))
	must(t, w.Publish(ctx))
	must(t, Insert(ctx, w, "events", events(2, 1000)))
	reader := start(t, "reader", o)
	reader.wants(t, "rows 1000")
	must(t, w.Publish(ctx))
	if n := len(copies(t, o)); n != 1 {
		t.Errorf("%d private copies while one reader lives", n)
	}
	reader.kill()
	must(t, w.Publish(ctx))
	if left := copies(t, o); len(left) != 0 {
		t.Errorf("a killed reader's copy stays: %v", left)
	}
	start(t, "reader", o).wants(t, "rows 2000")
}

func copies(t *testing.T, o Options) []string {
	t.Helper()
	dir, _, _ := o.folder()
	entries, err := os.ReadDir(dir + "/readers")
	must(t, err)
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasSuffix(entry.Name(), ".lock") {
			dirs = append(dirs, entry.Name())
		}
	}
	return dirs
}

// makeNoise does what could make libchdb, the driver or goose print.
func makeNoise(ctx context.Context, o Options) error {
	w, err := OpenWriter(ctx, o)
	if err != nil {
		return err
	}
	defer w.Close()
	for _, sql := range []string{"SELECT * FROM nowhere", "SELECT throwIf(number = 500000) FROM numbers(1000000)", "SELECT logTrace('loud')", "SYSTEM FLUSH LOGS"} {
		_ = w.Exec(ctx, sql)
	}
	if err := Insert(ctx, w, "events", events(1, 10)); err != nil {
		return err
	}
	if _, err := OpenWriter(ctx, o); !errors.Is(err, ErrLocked) {
		return fmt.Errorf("a second writer in the process: %w", err)
	}
	return w.Publish(ctx)
}

func TestNothingIsPrinted(t *testing.T) {
	o := at(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "WAREHOUSE_TEST_ROLE=quiet", "WAREHOUSE_TEST_URL="+o.URL)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "done\n" {
		t.Errorf("%v, printed:\n%s", err, out)
	}
}
