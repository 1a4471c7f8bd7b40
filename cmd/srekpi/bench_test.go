package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate"
)

// built is the binary that `make build` makes: starting the test binary instead
// would measure the tests' own weight.
func built(b *testing.B) string {
	b.Helper()
	path, err := filepath.Abs("../../bin/srekpi")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		b.Fatalf("%v; run make build first", err)
	}
	return path
}

// measure times whole processes, in milliseconds. The folder is made anew for
// each; withEngine is false for a machine without libchdb.
func measure(b *testing.B, withEngine bool, prepare func(dir string), args ...string) {
	b.Helper()
	binary := built(b)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		if prepare != nil {
			prepare(dir)
		}
		cmd := exec.Command(binary, args...)
		cmd.Dir = dir
		if !withEngine {
			cmd.Env = append(os.Environ(), "CHDB_LIB_PATH="+filepath.Join(dir, "nowhere.so"))
		}
		b.StartTimer()
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != exitPartial {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/run")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkHelpWithoutEngine(b *testing.B) { measure(b, false, nil, "--help") }

func BenchmarkInitWithoutEngine(b *testing.B) { measure(b, false, nil, "init") }

func BenchmarkDemo(b *testing.B) { measure(b, true, nil, "demo") }

// BenchmarkRunWithNothingNew is a nightly run of the demo whose tools answer and
// have nothing that it does not know.
func BenchmarkRunWithNothingNew(b *testing.B) {
	config := filepath.Join("demo", "srekpi.yml")
	measure(b, true, func(dir string) {
		cmd := exec.Command(built(b), "demo", "--serve")
		cmd.Dir = dir
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		for lines := bufio.NewScanner(out); !strings.Contains(lines.Text(), " run -c "); {
			if !lines.Scan() {
				b.Fatal("the demo ended before its tools could be asked")
			}
		}
	}, "run", "-c", config, "--as-of", simulate.AsOf.Format("2006-01-02T15:04:05Z07:00"))
}
