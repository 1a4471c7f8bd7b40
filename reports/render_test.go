package reports

import (
	"bytes"
	"context"
	"embed"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

var kindOf = map[string]string{metrics.Weekly: metrics.Week, metrics.Monthly: metrics.Month}

func options(dir string, asOf time.Time) Options {
	return Options{Dir: dir, Title: "Harbour Retail, production", Location: melbourne, AsOf: asOf, WeekEnd: tuesday, Major: []uint8{1}, Workday: 5}
}

// periodAt finds the period of a kind that ended last before a moment.
func periodAt(t testing.TB, kind string, at time.Time) metrics.Period {
	t.Helper()
	_, ended := metrics.Current(metrics.Periods(melbourne, tuesday, at.AddDate(0, -3, 0), at), kind, at)
	if ended == nil {
		t.Fatalf("no %s ended before %s", kind, at)
	}
	return *ended
}

// runningAt finds the one that has not ended.
func runningAt(t *testing.T, kind string, at time.Time) metrics.Period {
	t.Helper()
	running, _ := metrics.Current(metrics.Periods(melbourne, tuesday, at.AddDate(0, -3, 0), at), kind, at)
	if running == nil {
		t.Fatalf("no %s runs on %s", kind, at)
	}
	return *running
}

// text renders a page into memory.
func text(t testing.TB, conn driver.Conn, o Options, name string, p metrics.Period, issue *metrics.Issue) (string, *Page) {
	t.Helper()
	var b bytes.Buffer
	made, err := RenderTo(t.Context(), conn, o, name, p, issue, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), made
}

func TestTwoRendersAreTheSameBytes(t *testing.T) {
	conn, c := filled(t, "infested")
	for name, kind := range kindOf {
		p := periodAt(t, kind, c.AsOf)
		first, made := text(t, conn, options("", c.AsOf), name, p, nil)
		second, _ := text(t, conn, options("", c.AsOf), name, p, nil)
		if first != second {
			t.Errorf("%s: two renders of the same data differ", name)
		}
		if len(first) > 2_000_000 {
			t.Errorf("%s: %d bytes, over 2 MB", name, len(first))
		}
		if made.Verdict == "" || len(made.Printed) == 0 {
			t.Errorf("%s: verdict %q, %d values printed", name, made.Verdict, len(made.Printed))
		}
	}
}

func TestRenderWritesTheWholeFileOrNone(t *testing.T) {
	conn, c := filled(t, "sample")
	dir := t.TempDir()
	p := periodAt(t, metrics.Week, c.AsOf)
	made, err := Render(t.Context(), conn, options(dir, c.AsOf), metrics.Weekly, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if made.Path != "weekly/2026-06-16.html" || made.Issued {
		t.Errorf("path %q, issued %v", made.Path, made.Issued)
	}
	before, err := os.ReadFile(filepath.Join(dir, "weekly", "2026-06-16.html"))
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Render(ended, conn, options(dir, c.AsOf), metrics.Weekly, p, nil); err == nil {
		t.Error("a render whose context had ended succeeded")
	}
	// The page and its evidence, in a state each.
	var left []string
	err = filepath.WalkDir(filepath.Join(dir, "weekly"), func(path string, d os.DirEntry, err error) error {
		if name := d.Name(); !d.IsDir() && (strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".html")) {
			left = append(left, path)
		}
		return err
	})
	if err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v %v", left, err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "weekly", "2026-06-16.html")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the page changed: %v", err)
	}
}

func TestWithoutTheChartLibraryRenderingNamesTheCommand(t *testing.T) {
	saved := assets
	defer func() { assets = saved }()
	assets = embed.FS{}
	_, err := RenderTo(t.Context(), nil, Options{}, metrics.Weekly, metrics.Period{Kind: metrics.Week}, nil, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "run make assets") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownDocumentsAndPeriodsAreRefused(t *testing.T) {
	if _, err := RenderTo(t.Context(), nil, Options{}, "daily", metrics.Period{}, nil, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `no document "daily"`) {
		t.Errorf("got %v", err)
	}
	if _, err := RenderTo(t.Context(), nil, Options{}, metrics.Monthly, metrics.Period{Kind: metrics.Week}, nil, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "its periods are months") {
		t.Errorf("got %v", err)
	}
}

// says checks which sentences a page holds, and which it must not.
func says(t *testing.T, page string, want []string, never ...string) {
	t.Helper()
	page = plain(page)
	for _, s := range want {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	for _, s := range never {
		if strings.Contains(page, s) {
			t.Errorf("the page says %q", s)
		}
	}
}

var (
	scripts = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`)
	tags    = regexp.MustCompile(`<[^>]*>`)
	spaces  = regexp.MustCompile(`\s+`)
)

// plain is a page's text, without its markup.
func plain(page string) string {
	page = tags.ReplaceAllString(scripts.ReplaceAllString(page, " "), "")
	return spaces.ReplaceAllString(html.UnescapeString(page), " ")
}

func TestAFileOfOnesOwnIsReplaced(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	holds := func(name, want string, mode os.FileMode) {
		t.Helper()
		b, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(at(name))
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != want || info.Mode() != mode {
			t.Errorf("%s holds %q, %v", name, b, info.Mode())
		}
	}
	for _, err := range []error{os.WriteFile(at("file"), []byte("old"), 0o600), os.Link(at("file"), at("open")), os.Symlink("file", at("link")),
		overwrite(at("link"), []byte("new")), overwrite(at("new"), []byte("x"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	holds("file", "new", 0o600)
	holds("open", "old", 0o600)
	holds("link", "new", os.ModeSymlink|0o777)
	holds("new", "x", 0o644)
	if err := overwrite(at("no/folder"), nil); err == nil {
		t.Error("it makes folders")
	}

	pipe := at("pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- string(b)
	}()
	if err := overwrite(pipe, []byte("through")); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "through" {
		t.Errorf("%q came through the pipe", got)
	}
	if left, _ := filepath.Glob(at(".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
