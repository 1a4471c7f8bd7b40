package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func TestAPageOfThirtyKPIsStaysShort(t *testing.T) {
	conn, c := filled(t, "whole sample")
	for name, kind := range kindOf {
		page, _ := text(t, conn, options("", c.AsOf), name, periodAt(t, kind, c.AsOf), nil)
		hrefs(t, page)
		kept(t, "whole-"+name, page)
		if len(page) > 2_000_000 {
			t.Errorf("%s: %d bytes, over 2 MB", name, len(page))
		}
		if rows := strings.Count(between(page, `id="kpis"`, `</section>`), `<th scope="row" role="rowheader">`); name == metrics.Weekly && (rows < 8 || rows > 10) {
			t.Errorf("the strip has %d rows", rows)
		}
		if n := strings.Count(page, `class="panel"`); name == metrics.Monthly && n != panelsShown {
			t.Errorf("%d panels", n)
		}
		figures := between(page, `id="figures"`, `</section>`)
		if rows := strings.Count(figures, `<th scope="row" role="rowheader">`); rows < 24 {
			t.Errorf("%s: %d of all figures are listed", name, rows)
		}
		says(t, page, []string{"Among so many steady lines chance alone makes", "chance alone gives ", "open ones counted in: typical", "Time to recover from a failed change"}, "NaN", "Inf ")
	}
}

// between is a part of a page, from a mark to the next end.
func between(page, from, to string) string {
	_, page, _ = strings.Cut(page, from)
	page, _, _ = strings.Cut(page, to)
	return page
}

// kept writes a page where SREKPI_LOOK says, for a person to look at.
func kept(t *testing.T, name, page string) {
	t.Helper()
	dir := os.Getenv("SREKPI_LOOK")
	if dir == "" {
		return
	}
	path := filepath.Join(dir, name+".html")
	if err := write(path, []byte(page)); err != nil {
		t.Fatal(err)
	}
	in := browser(t)
	for _, width := range []int64{1440, 320} {
		s := look(t, in, path, width, "light")
		s.picture(t, name+"-"+metrics.Number(float64(width)))
		if got := ask[int64](t, s, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("%s at %d px is %d px wide", name, width, got)
		}
	}
}
