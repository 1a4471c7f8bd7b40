package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/reports/chromium"
	"github.com/srekpi/srekpi/reports/chromium/chromiumtest"
)

// site renders both documents and the index of one of the companies.
func site(t *testing.T, name string) (dir string) {
	t.Helper()
	conn, c := filled(t, name)
	dir = t.TempDir()
	if kept := os.Getenv("SREKPI_LOOK"); kept != "" {
		dir = filepath.Join(kept, "site-"+t.Name())
	}
	for name, kind := range kindOf {
		for _, p := range []metrics.Period{periodAt(t, kind, c.AsOf), periodAt(t, kind, c.AsOf.AddDate(0, -1, 0)), runningAt(t, kind, c.AsOf)} {
			if _, err := Render(t.Context(), conn, options(dir, c.AsOf), name, p, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := WriteIndex(options(dir, c.AsOf)); err != nil {
		t.Fatal(err)
	}
	return dir
}

var pagesOf = map[string]string{"weekly": "weekly/2026-06-16.html", "monthly": "monthly/2026-05.html", "running": "weekly/2026-06-23.html", "index": "index.html"}

func TestInfestedPagesInABrowser(t *testing.T) {
	dir, in := site(t, "whole infested"), browser(t)
	t.Run("drawn, silent, accessible", func(t *testing.T) { accessiblePages(t, in, dir) })
	t.Run("narrow", func(t *testing.T) { narrowPages(t, in, dir) })
	t.Run("hostile text is text", func(t *testing.T) { hostilePages(t, in, dir) })
	t.Run("paper", func(t *testing.T) { printedPages(t, in, dir, "infested ") })
}

func TestPagesInABrowser(t *testing.T) {
	dir, in := site(t, "sample"), browser(t)
	t.Run("links open their rows, tables sort", func(t *testing.T) { livePage(t, in, dir) })
	t.Run("paper", func(t *testing.T) { printedPages(t, in, dir, "") })
}

// accessiblePages: every chart is drawn, nothing is said to the console or asked
// of a host, and the rules hold in light, in dark and with everything open.
func accessiblePages(t *testing.T, in *chromium.Browser, dir string) {
	for name, path := range pagesOf {
		t.Run(name, func(t *testing.T) {
			s := look(t, in, filepath.Join(dir, path), 1440, chromium.Light)
			s.picture(t, name+"-1440-light")
			if n := chromiumtest.Drawn(t, s.Page); (n == 0) == (name == "weekly" || name == "monthly") {
				t.Errorf("%d charts", n)
			}
			chromiumtest.Accessible(t, s.Page, "light")
			chromiumtest.Scheme(t, s.Page, chromium.Dark)
			s.picture(t, name+"-1440-dark")
			chromiumtest.OpenAll(t, s.Page)
			chromiumtest.Structured(t, s.Page, "everything open")
			if n := ask[int](t, s, `[...document.scripts].filter(e => e.type !== "application/json").length`); n > 2 {
				t.Errorf("%d scripts", n)
			}
			chromiumtest.Thin(t, s.Page)
			chromiumtest.Contrasting(t, s.Page, "dark, everything open")
			chromiumtest.Silent(t, s.Page)
		})
	}
}

// narrowPages: nothing makes a page scroll sideways.
func narrowPages(t *testing.T, in *chromium.Browser, dir string) {
	for name, path := range pagesOf {
		for width, of := range map[int64]string{320: "320", 768: "768"} {
			t.Run(name+" "+of, func(t *testing.T) {
				s := look(t, in, filepath.Join(dir, path), width, chromium.Light)
				s.picture(t, name+"-"+of)
				chromiumtest.Fits(t, s.Page)
			})
		}
	}
}

func livePage(t *testing.T, in *chromium.Browser, dir string) {
	path := filepath.Join(dir, pagesOf["weekly"])
	s := look(t, in, path, 1440, chromium.Light)
	ask[bool](t, s, `document.documentElement.style.scrollBehavior = "auto"; true`)
	// Each link of the first block shows what it speaks of.
	for _, href := range ask[[]string](t, s, `[...document.querySelectorAll("#exceptions a")].map(a => a.getAttribute("href"))`) {
		seen := ask[bool](t, s, `new Promise(done => { document.querySelector('#exceptions a[href="`+href+`"]').click(); setTimeout(() => {
			const goal = document.getElementById("`+strings.TrimPrefix(href, "#")+`"); const box = goal.getBoundingClientRect();
			done(goal.checkVisibility({contentVisibilityAuto: true}) && box.height > 0 && box.top < innerHeight && box.bottom > 0);
		}, 900); })`)
		if !seen {
			t.Errorf("the link to %s shows nothing", href)
		}
	}
	chromiumtest.Linked(t, s.Page, path)
	if chromiumtest.Sorts(t, s.Page) == 0 {
		t.Error("no table to sort")
	}
}

// hostilePages: what tickets say stands there as text, on each page, and turns
// nothing around it.
func hostilePages(t *testing.T, in *chromium.Browser, dir string) {
	for name, path := range pagesOf {
		t.Run(name, func(t *testing.T) {
			s := look(t, in, filepath.Join(dir, path), 1440, chromium.Light)
			chromiumtest.OpenAll(t, s.Page)
			shown := ask[string](t, s, `document.querySelector("main").textContent`)
			for _, text := range hostile {
				if want := clip(text, 60); name == "weekly" && !strings.Contains(shown, strings.TrimSuffix(want, "…")) {
					t.Errorf("not shown: %q", want)
				}
			}
			if n := ask[int](t, s, `document.querySelectorAll('img, iframe, object, embed, base, form, input, [onerror], [onload], [onclick], a[href^="javascript" i], a[href^="data" i]').length`); n > 0 {
				t.Errorf("%d elements came out of tickets", n)
			}
			chromiumtest.Isolated(t, s.Page)
			chromiumtest.Silent(t, s.Page)
		})
	}
}

func printedPages(t *testing.T, in *chromium.Browser, dir, of string) {
	for _, name := range []string{"weekly", "monthly"} {
		t.Run(name, func(t *testing.T) {
			s := look(t, in, filepath.Join(dir, pagesOf[name]), 1440, chromium.Dark)
			pdf := chromiumtest.Printed(t, s.Page)
			chromiumtest.Keep(t, of+name+".pdf", func() ([]byte, error) { return pdf, nil })
			chromiumtest.Silent(t, s.Page)
		})
	}
}
