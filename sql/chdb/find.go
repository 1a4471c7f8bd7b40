package chdb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const libraryName = "libchdb.so"

// NotFoundError says where libchdb.so was looked for.
type NotFoundError struct {
	Places []string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s not found in %s; run `make engine`, or name the file in warehouse.library or CHDB_LIB_PATH", libraryName, strings.Join(e.Places, ", "))
}

// Find returns the libchdb.so to use: the configured one, then CHDB_LIB_PATH, beside the binary, the installed
// place, the npm folder of a checkout, the system's library path. A place that was named and holds no library
// is an error, not a reason to look elsewhere: the user would run another engine than the one asked for.
func Find(configured string) (string, error) {
	if configured != "" {
		return named(configured)
	}
	if env := os.Getenv("CHDB_LIB_PATH"); env != "" {
		return named(env)
	}
	var places []string
	for _, folder := range folders() {
		path := filepath.Join(folder, libraryName)
		if isFile(path) {
			return path, nil
		}
		places = append(places, folder)
	}
	return "", &NotFoundError{Places: places}
}

// named accepts the library itself or the folder that holds it.
func named(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, libraryName)
	}
	if !isFile(path) {
		return "", &NotFoundError{Places: []string{path}}
	}
	return filepath.Abs(path)
}

func folders() []string {
	var found []string
	var roots []string
	if binary, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(binary); err == nil {
			binary = resolved
		}
		beside := filepath.Dir(binary)
		found = append(found, beside, filepath.Join(filepath.Dir(beside), "lib", "srekpi"))
		roots = append(roots, beside)
	}
	if cwd, err := os.Getwd(); err == nil {
		roots = append([]string{cwd}, roots...)
	}
	for _, root := range roots {
		if checkout := checkoutAbove(root); checkout != "" {
			found = append(found, filepath.Join(checkout, "sql", "chdb", "node_modules", "@chdb", "lib-linux-x64-gnu"))
		}
	}
	for _, folder := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		if folder != "" {
			found = append(found, folder)
		}
	}
	return append(found, "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
}

// checkoutAbove is the nearest folder at or above dir that pins the engine, or "".
func checkoutAbove(dir string) string {
	for {
		if isFile(filepath.Join(dir, "sql", "chdb", "package.json")) {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
