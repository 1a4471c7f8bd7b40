package simulate

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/srekpi/srekpi/configs"
)

// The config names the same services, dates and files as the history.
func TestConfigDescribesTheDemo(t *testing.T) {
	w := New(Seed, AsOf)
	dir := t.TempDir()
	if err := w.WriteExports(filepath.Join(dir, "exports")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "srekpi.yml")
	if err := os.WriteFile(file, []byte(Config()), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != len(w.Services) {
		t.Fatalf("%d services in the config, %d in the company", len(c.Services), len(w.Services))
	}
	for n, s := range w.Services {
		got := c.Services[n]
		if got.Name != s.Name || got.Team != s.Team || got.L2Team != s.L2Team || got.L3Team != s.L3Team || got.Tier != strconv.Itoa(s.Tier) {
			t.Errorf("service %d: config says %+v", n, got)
		}
	}
	if len(c.Annotations) != len(w.Annotations) {
		t.Fatalf("annotations: %+v", c.Annotations)
	}
	for n, a := range w.Annotations {
		got := c.Annotations[n]
		if !got.Time.Equal(a.At) || got.Title != a.Title || got.Scope != a.Scope {
			t.Errorf("annotation %d: config says %+v, company %+v", n, got, a)
		}
	}
	found := 0
	for _, s := range c.Sources {
		if !s.Covers.Start.Equal(w.From) || !s.Covers.End.Equal(w.To) {
			t.Errorf("%s covers %v to %v, not %v to %v", s.Name, s.Covers.Start, s.Covers.End, w.From, w.To)
		}
		for _, pattern := range s.Paths {
			files, err := filepath.Glob(c.Resolve(pattern))
			if err != nil || len(files) == 0 {
				t.Errorf("%s finds no file (%v)", pattern, err)
			}
			found += len(files)
		}
	}
	if files, _ := os.ReadDir(filepath.Join(dir, "exports")); len(files) != found {
		t.Errorf("%d export files, the config reads %d", len(files), found)
	}
}
