package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

func TestTheIndexListsWhatIsOnDiskNewestFirst(t *testing.T) {
	conn, c := filled(t, "sample")
	dir := t.TempDir()
	o := options(dir, c.AsOf)
	o.Title = hostile[0]
	last := periodAt(t, metrics.Week, c.AsOf)
	issue := &metrics.Issue{Document: metrics.Weekly, PeriodStart: last.Start, IssuedAt: c.AsOf, DataAsOf: c.AsOf}
	for _, one := range []struct {
		document string
		p        metrics.Period
		issue    *metrics.Issue
	}{
		{metrics.Weekly, periodAt(t, metrics.Week, c.AsOf.AddDate(0, 0, -60)), nil},
		{metrics.Weekly, runningAt(t, metrics.Week, c.AsOf), nil},
		{metrics.Weekly, last, issue},
		{metrics.Monthly, periodAt(t, metrics.Month, c.AsOf), nil},
	} {
		if _, err := Render(t.Context(), conn, o, one.document, one.p, one.issue); err != nil {
			t.Fatal(err)
		}
	}
	// Not pages: they must neither be listed nor stop the index.
	for _, name := range []string{"notes.html", ".2026-06-16.html.123", "2026-06-16.pdf"} {
		if err := os.WriteFile(filepath.Join(dir, "weekly", name), []byte("<p>mine</p>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteIndex(o); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	text := plain(string(first))
	at := -1
	for _, want := range []string{hostile[0], "Week to Tue 23 Jun 2026", "DRAFT", "Week to Tue 16 Jun 2026", "ISSUED", "10 incidents", "REBUILT", "May 2026"} {
		next := strings.Index(text[at+1:], want)
		if next < 0 {
			t.Fatalf("%q does not stand behind what comes before it in %s", want, text)
		}
		at += next + 1
	}
	if strings.Contains(text, "mine") || strings.Contains(text, "notes") {
		t.Error("a file that is no page is listed")
	}
	if err := WriteIndex(o); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(filepath.Join(dir, "index.html")); err != nil || string(second) != string(first) {
		t.Errorf("written twice, the index differs: %v", err)
	}
}

func TestTheIndexOfAnEmptyFolderSaysWhatToRun(t *testing.T) {
	dir := t.TempDir()
	if err := WriteIndex(options(dir, time.Time{})); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(text), []string{"run srekpi report weekly", "run srekpi report monthly"})
}
