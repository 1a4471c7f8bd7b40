package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What make install places works by itself: from a folder that sees no checkout,
// and with units that call the binary where it lies.
func TestInstall(t *testing.T) {
	place := t.TempDir()
	install := exec.Command("make", "--no-print-directory", "-s", "-C", "../..", "install", "DESTDIR="+place, "PREFIX=/opt/srekpi")
	if said, err := install.CombinedOutput(); err != nil {
		t.Fatalf("make install: %v\n%s", err, said)
	}
	prefix := filepath.Join(place, "opt", "srekpi")
	for _, unit := range []string{"lib/systemd/system/srekpi", "share/systemd/user/srekpi"} {
		text, err := os.ReadFile(filepath.Join(prefix, unit+".service"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\nExecStart=/opt/srekpi/bin/srekpi run ") || strings.Contains(string(text), "/usr/local") {
			t.Errorf("%s does not run the installed binary:\n%s", unit, text)
		}
		if _, err := os.Stat(filepath.Join(prefix, unit+".timer")); err != nil {
			t.Error(err)
		}
	}

	dir := t.TempDir()
	write(t, filepath.Join(dir, "srekpi.yml"), "sources:\n  - {name: a, type: file, entity: incident, path: a.csv, fields: {id: id, created_at: at}}\n")
	write(t, filepath.Join(dir, "a.csv"), "id,at\n1,2026-01-01\n")
	check := exec.Command(filepath.Join(prefix, "bin", "srekpi"), "check")
	check.Dir, check.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + dir}
	said, err := check.CombinedOutput()
	if err != nil || !strings.Contains(string(said), filepath.Join(prefix, "lib", "srekpi", "libchdb.so")) {
		t.Errorf("the installed binary: %v\n%s", err, said)
	}
}
