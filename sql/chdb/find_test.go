package chdb

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	lib := filepath.Join(dir, "some", libraryName)
	must(t, os.MkdirAll(filepath.Dir(lib), 0o700))
	must(t, os.WriteFile(lib, nil, 0o600))
	checkout := filepath.Join(dir, "checkout", "sql", "chdb")
	npm := filepath.Join(checkout, "node_modules", "@chdb", "lib-linux-x64-gnu", libraryName)
	must(t, os.MkdirAll(filepath.Dir(npm), 0o700))
	must(t, os.WriteFile(npm, nil, 0o600))
	must(t, os.WriteFile(filepath.Join(checkout, "package.json"), nil, 0o600))
	deep := filepath.Join(dir, "checkout", "a", "b")
	must(t, os.MkdirAll(deep, 0o700))

	t.Setenv("CHDB_LIB_PATH", "")
	t.Setenv("LD_LIBRARY_PATH", "")
	t.Chdir(deep)
	for _, c := range []struct{ configured, env, want string }{
		{lib, "", lib},
		{filepath.Dir(lib), "/nowhere", lib},
		{"", lib, lib},
		{"", "", npm},
	} {
		t.Setenv("CHDB_LIB_PATH", c.env)
		if got, err := Find(c.configured); err != nil || got != c.want {
			t.Errorf("configured %q, CHDB_LIB_PATH %q: %q %v", c.configured, c.env, got, err)
		}
	}

	t.Setenv("CHDB_LIB_PATH", "")
	t.Chdir(filepath.Join(dir, "some"))
	var missing *NotFoundError
	if _, err := Find(""); errors.As(err, &missing) { // unless the system has one
		for _, part := range []string{"make engine", "/usr/local/lib", "CHDB_LIB_PATH", filepath.Join("lib", "srekpi")} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not name %s", err, part)
			}
		}
	}
	if _, err := Find("/nowhere/at/all"); !errors.As(err, &missing) || len(missing.Places) != 1 {
		t.Errorf("a configured library that is missing: %v", err)
	}
}
