package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

// Each page leads to its neighbours, whichever of them came later.
func TestAPageLeadsToItsNeighbours(t *testing.T) {
	conn, c := filled(t, "sample")
	o := options(t.TempDir(), c.AsOf)
	weeks := []metrics.Period{periodAt(t, metrics.Week, c.AsOf.AddDate(0, 0, -14)), periodAt(t, metrics.Week, c.AsOf.AddDate(0, 0, -7)), periodAt(t, metrics.Week, c.AsOf)}
	for _, n := range []int{2, 0} { // the one between comes last
		if _, err := Render(t.Context(), conn, o, metrics.Weekly, weeks[n], nil); err != nil {
			t.Fatal(err)
		}
	}
	links := func(week metrics.Period) string {
		t.Helper()
		if err := WriteIndex(o); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(o.Dir, "weekly", week.Slug()+".html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(turnLine.Find(text))
	}
	older, newer := `rel="prev" href="`, `rel="next" href="`
	if got := links(weeks[0]); !strings.Contains(got, newer+weeks[2].Slug()) || strings.Contains(got, older) {
		t.Errorf("of two, the older leads to %s", got)
	}
	if _, err := Render(t.Context(), conn, o, metrics.Weekly, weeks[1], nil); err != nil {
		t.Fatal(err)
	}
	if got := links(weeks[0]); !strings.Contains(got, newer+weeks[1].Slug()) {
		t.Errorf("the oldest leads to %s", got)
	}
	if got := links(weeks[1]); !strings.Contains(got, older+weeks[0].Slug()) || !strings.Contains(got, newer+weeks[2].Slug()) || strings.Contains(got, "00:00") {
		t.Errorf("the one between leads to %s", got)
	}
	before, err := os.Stat(filepath.Join(o.Dir, "weekly", weeks[1].Slug()+".html"))
	if err != nil {
		t.Fatal(err)
	}
	links(weeks[1])
	if after, err := os.Stat(filepath.Join(o.Dir, "weekly", weeks[1].Slug()+".html")); err != nil || !os.SameFile(before, after) {
		t.Errorf("a page that has its links was written again: %v", err)
	}
}
