package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tables asks for the rows of every stored table of a warehouse, and a hash over them.
func tables(t *testing.T, dir, data string) map[string]string {
	t.Helper()
	names := publishedIn(t, dir, data, map[string]string{"": "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name"})[""]
	asked := map[string]string{}
	for _, name := range names {
		asked[name] = fmt.Sprintf("SELECT count(), sum(cityHash64(*)), groupBitXor(cityHash64(*)) FROM `%s`", name)
	}
	found := map[string]string{}
	for name, rows := range publishedIn(t, dir, data, asked) {
		found[name] = rows[0]
	}
	return found
}

// The demo's warehouse goes into one file and out of it into another folder:
// every table is the same, and so is every page.
func TestBackupOfTheDemo(t *testing.T) {
	t.Parallel()
	built, _ := demo(t)
	dir := filepath.Join(t.TempDir(), "away")
	config, err := os.ReadFile(filepath.Join(built, "demo", "srekpi.yml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "demo", "srekpi.yml"), string(config))
	file := filepath.Join(dir, "b.tar.zst")
	said := srekpi(t, built, exitDone, "backup", "-c", "demo/srekpi.yml", file)
	if !strings.Contains(said, ": build 1 as of ") || !strings.Contains(said, "read back: every file is as listed") {
		t.Errorf("backup says\n%s", said)
	}
	renamed := filepath.Join(dir, "b.of-monday") // a backup is told by what it holds
	if err := os.Rename(file, renamed); err != nil {
		t.Fatal(err)
	}
	srekpi(t, dir, exitDone, "restore", "-c", "demo/srekpi.yml", renamed)
	want, got := tables(t, built, "demo/data"), tables(t, dir, "demo/data")
	if len(want) < 60 || len(got) != len(want) {
		t.Errorf("%d tables, %d were backed up", len(got), len(want))
	}
	for name, rows := range want {
		if got[name] != rows {
			t.Errorf("%s: rows and hashes %s, backed up were %s", name, got[name], rows)
		}
	}
	srekpi(t, dir, exitDone, "report", "-c", "demo/srekpi.yml", "--as-of", asOf)
	pages, err := filepath.Glob(filepath.Join(dir, "public", "*", "*.html"))
	if err != nil || len(pages) != 4 {
		t.Fatalf("pages %v, %v", pages, err)
	}
	for _, page := range pages {
		relative, _ := filepath.Rel(filepath.Join(dir, "public"), page)
		before, err := os.ReadFile(filepath.Join(built, "public", relative))
		if err != nil {
			t.Fatal(err)
		}
		if after, _ := os.ReadFile(page); string(after) != string(before) {
			t.Errorf("%s is another page than before", relative)
		}
	}
}

// A backup that is made while a run is going holds what was published before
// it, whole, and holds nothing up.
func TestBackupDuringARun(t *testing.T) {
	t.Parallel()
	built, _ := demo(t)
	dir := t.TempDir()
	if out, err := exec.Command("cp", "-a", filepath.Join(built, "demo", "data"), filepath.Join(dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, out)
	}
	bulk(t, dir, 20_000) // another source than those that it holds
	want := publishedIn(t, dir, "data", wholeBuild)["figures"][0]
	cmd := command(t, dir, "run", "--as-of", asOf)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for { // until it writes
		if text, err := os.ReadFile(filepath.Join(dir, "data", "lock")); err == nil && len(text) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	var files []string
	for running := true; running; {
		file := filepath.Join(dir, fmt.Sprintf("%d.tar.zst", len(files)))
		srekpi(t, dir, exitDone, "backup", file)
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("the run: %v\n%s", err, log.String())
			}
			running = false
		default:
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		t.Fatal("the run was over before a backup was made")
	}
	// The last one may hold the new build.
	for i, file := range []string{files[0], files[len(files)-1]} {
		away := t.TempDir()
		bulk(t, away, 1)
		srekpi(t, away, exitDone, "restore", file)
		got := publishedIn(t, away, "data", wholeBuild)["figures"][0]
		if after := publishedIn(t, dir, "data", wholeBuild)["figures"][0]; got != want && (i == 0 || got != after) || after == want {
			t.Errorf("backup %d of %d holds %q; published was %q, then %q", i, len(files), got, want, after)
		}
	}
}
