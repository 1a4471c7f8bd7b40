package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/warehouse"
)

func TestMain(m *testing.M) {
	testscript.Main(cleaning{m}, map[string]func(){
		"srekpi":   func() { os.Exit(Main()) },
		"holdlock": func() { holdLock(os.Args[1]) },
	})
}

// holdLock is a writer that opens a data folder and then does nothing, until it
// is killed or a minute is over.
func holdLock(dir string) {
	w, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: "chdb://" + dir, Base: ".", Schema: schema.Schema()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.WriteFile("holding", nil, 0o644); err != nil {
		panic(err)
	}
	time.Sleep(time.Minute)
	w.Close()
}

func TestScripts(t *testing.T) {
	// The scripts run in folders from which no checkout is seen.
	library, err := chdb.Find(os.Getenv("CHDB_LIB_PATH"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("CHDB_LIB_PATH", library)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"waitfor":  waitFor,
			"grep-out": grepOut,
		},
	})
}

// exits runs a command and holds its exit code: exits 3 srekpi run.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// grepOut writes the lines of a file that match: grep-out TO PATTERN FROM.
func grepOut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: grep-out TO PATTERN FROM")
	}
	lines := regexp.MustCompile("(?m)"+args[1]).FindAllString(ts.ReadFile(args[2]), -1)
	if len(lines) == 0 {
		ts.Fatalf("no line of %s matches", args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "\n")), 0o644))
}

// waitFor waits until a file is there.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 600 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear within 30 s", filepath.Base(path))
}
