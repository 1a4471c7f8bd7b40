package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

const rowsOfFile = 450

// exports writes three files of several pages each that overlap in their ids,
// with a bad row here and there, and returns the config.
func (s *site) exports() *configs.Config {
	s.Helper()
	usual := pageRows
	pageRows = 200
	s.Cleanup(func() { pageRows = usual })
	for f := range 3 {
		var b strings.Builder
		b.WriteString("id,v\n")
		for i := range rowsOfFile {
			fmt.Fprintf(&b, "%d,\"file %d\nrow %d\"\n", i%(200+7*f), f, i)
			if i%90 == 0 {
				fmt.Fprintf(&b, "%d,bad,row\n", i)
			}
		}
		s.write(fmt.Sprintf("%d.csv", f), b.String())
	}
	return s.config(plainCSV)
}

// undisturbed is what a run without a crash leaves: the current payloads and
// the quarantine.
func undisturbed(t *testing.T) [2][]string {
	s := newSite(t)
	defer s.w.Close() // a process has one warehouse open at a time
	s.ingest(s.exports())
	return s.state()
}

func (s *site) state() [2][]string {
	s.Helper()
	return [2][]string{s.current(), s.rows("SELECT concat(file, toString(line), reason, payload) FROM quarantine ORDER BY file, line, reason, payload")}
}

func (s *site) same(want [2][]string) {
	s.Helper()
	got := s.state()
	for i, what := range []string{"current records", "quarantined rows"} {
		if len(got[i]) != len(want[i]) {
			s.Fatalf("%d %s, want %d", len(got[i]), what, len(want[i]))
		}
		for j := range got[i] {
			if got[i][j] != want[i][j] {
				s.Fatal(cmp.Diff(want[i][j], got[i][j]))
			}
		}
	}
}

func TestCancelledRunGoesOnWhereItStopped(t *testing.T) {
	want := undisturbed(t)
	for _, pages := range []int{1, 3, 4, 8} {
		t.Run(fmt.Sprint(pages, " pages"), func(t *testing.T) {
			s := newSite(t)
			c := s.exports()
			ctx, cancel := context.WithCancel(context.Background())
			landed := 0
			r, err := Ingest(ctx, s.w, c, Options{Now: s.clock, Progress: func(Progress) {
				if landed++; landed == pages {
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) || !errors.Is(r.Sources[0].Err, context.Canceled) {
				t.Fatalf("%v %+v", err, r)
			}
			s.want([]string{fmt.Sprintf("interrupted %d", r.Sources[0].Records)}, "SELECT concat(status, ' ', toString(records)) FROM sync_runs FINAL")
			got := s.ingest(c)
			if total := r.Sources[0].Records + got.Records; total != 3*rowsOfFile {
				t.Errorf("%d records landed, some twice or never", total)
			}
			s.same(want)
			if again := s.ingest(c); again.Unchanged != 3 {
				t.Errorf("%+v", again)
			}
		})
	}
}

func TestCancelEndsPromptly(t *testing.T) {
	s := newSite(t)
	c := s.exports()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := Ingest(ctx, s.w, c, Options{Now: s.clock})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err, r)
	}
	s.want([]string{"0"}, "SELECT toString(count()) FROM raw_records")
}

// dying is a warehouse that dies at the nth insert into a table and stays dead.
type dying struct {
	driver.Conn
	table string
	left  int
}

var errDead = errors.New("the process died here")

func (d *dying) PrepareBatch(ctx context.Context, query string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	if d.left > 0 && strings.Contains(query, "INTO "+d.table+" ") {
		d.left--
	}
	if d.left == 0 {
		return nil, errDead
	}
	return d.Conn.PrepareBatch(ctx, query, o...)
}

// The process dies at each step of the contract; the run after it leaves what
// an undisturbed run leaves.
func TestRunAfterADeadOne(t *testing.T) {
	want := undisturbed(t)
	for _, step := range []dying{
		{table: "raw_records", left: 1}, {table: "raw_records", left: 5},
		{table: "positions", left: 1}, {table: "positions", left: 4}, {table: "positions", left: 7},
		{table: "quarantine", left: 2},
	} {
		t.Run(fmt.Sprint(step.table, step.left), func(t *testing.T) {
			s := newSite(t)
			c := s.exports()
			alive := s.w.Conn
			step.Conn = alive
			s.w.Conn = &step
			if _, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock}); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			s.w.Conn = alive
			s.want([]string{"running"}, "SELECT status FROM sync_runs FINAL")
			landed := s.rows("SELECT toString(count()) FROM raw_records")[0]
			s.ingest(c)
			s.want([]string{"closed " + landed, "complete"}, "SELECT if(run_id = 1, concat(status, ' ', toString(records)), status) FROM sync_runs FINAL ORDER BY run_id")
			s.same(want)
		})
	}
}

// A file that changed before the run died must not be won over by a later one
// that the dead run had not come to.
func TestDeathWhileFilesAreReadAgain(t *testing.T) {
	s := newSite(t)
	c := s.config(plainCSV)
	s.write("a.csv", "id,v\n1,a\n2,a\n")
	s.write("b.csv", "id,v\n1,b\n")
	s.write("c.csv", "id,v\n1,c\n")
	s.ingest(c)
	s.write("a.csv", "id,v\n1,A\n2,A\n")
	alive := s.w.Conn
	s.w.Conn = &dying{Conn: alive, table: "positions", left: 2} // a is done, b is not
	if _, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock}); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	s.w.Conn = alive
	if got := s.ingest(c); got.Unchanged != 1 {
		t.Errorf("%+v", got)
	}
	want := []string{`{"id":"1","v":"c","_file":"c.csv","_line":2}`, `{"id":"2","v":"A","_file":"a.csv","_line":3}`}
	if diff := cmp.Diff(want, s.current()); diff != "" {
		t.Error(diff)
	}
}

// killed is set in the child process of TestKilledProcess: the folder to ingest
// in until killed.
const killed = "SREKPI_TEST_KILLED"

func TestMain(m *testing.M) {
	if what := os.Getenv(apart); what != "" {
		beApart(what)
		return
	}
	dir := os.Getenv(killed)
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := configs.Load(filepath.Join(dir, "srekpi.yml"))
	if err != nil {
		panic(err)
	}
	w, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: "chdb://./data", Base: dir, Schema: sql.Schema()})
	if err != nil {
		panic(err)
	}
	pageRows = 200
	_, err = Ingest(context.Background(), w, c, Options{
		Now: func() time.Time { return time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC) },
		Progress: func(p Progress) {
			if p.Records >= 600 {
				process, _ := os.FindProcess(os.Getpid())
				process.Kill()
				select {}
			}
		},
	})
	panic(err)
}

func TestKilledProcess(t *testing.T) {
	want := undisturbed(t)
	s := newSite(t)
	c := s.exports()
	s.w.Close()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killed+"="+s.dir)
	out, err := child.CombinedOutput()
	if err == nil || child.ProcessState.Exited() {
		t.Fatalf("it was not killed: %v\n%s", err, out)
	}
	s.w = openAt(t, s.dir)
	defer s.w.Close()
	s.ingest(c)
	s.want([]string{"closed", "complete"}, "SELECT status FROM sync_runs FINAL ORDER BY run_id")
	s.same(want)
}
