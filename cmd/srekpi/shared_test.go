package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// What several tests look at and none changes is built once, in a folder that
// goes when all tests are over.
var shared = struct {
	sync.Mutex
	dir  string
	made map[string]error
}{made: map[string]error{}}

// once returns a folder that make filled for the first test that asked. Where
// that failed it fails for each.
func once(t *testing.T, name string, make func(dir string)) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.dir == "" {
		dir, err := os.MkdirTemp("", "srekpi-shared-")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
	}
	dir := filepath.Join(shared.dir, name)
	err, known := shared.made[name]
	if !known {
		shared.made[name] = errors.New("an earlier test could not build it")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		make(dir)
		shared.made[name], err = nil, nil
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return dir
}

// cleaning runs the tests and removes what they shared.
type cleaning struct{ m *testing.M }

func (c cleaning) Run() int {
	code := c.m.Run()
	if shared.dir != "" {
		if err := os.RemoveAll(shared.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return max(code, 1)
		}
	}
	return code
}

// demo is a folder in which the demo was run, and what it said. Do not write there.
func demo(t *testing.T) (dir, said string) {
	t.Helper()
	dir = once(t, "demo", func(dir string) { write(t, filepath.Join(dir, "said"), srekpi(t, dir, 0, "demo")) })
	text, err := os.ReadFile(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, string(text)
}

// gitHubStatus is a folder in which GitHub's public status history was computed
// as of 1 September 2026. Do not write there.
func gitHubStatus(t *testing.T) (dir, config string) {
	t.Helper()
	const name = "github-status"
	top := once(t, name, func(top string) {
		dir, config := exampleIn(t, top, name)
		srekpi(t, dir, 0, "run", "-c", config, "--as-of", "2026-09-01")
	})
	return filepath.Join(top, exampleDir), name + ".yml"
}

// wholeCompany is a folder in which the simulated company's exports were run to
// the end, undisturbed. Do not write there.
func wholeCompany(t *testing.T) string {
	t.Helper()
	return once(t, "company", func(dir string) {
		company(t, dir, false)
		srekpi(t, dir, exitPartial, "run", "--as-of", asOf)
	})
}
