package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/srekpi/srekpi/metrics"
)

// site renders both documents and the index of a company.
func site(t *testing.T, c company) (dir string) {
	t.Helper()
	conn := openWarehouse(t)
	fill(t, conn, c)
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

// rules is the accessibility checker, from the pinned npm package.
func rules(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("assets/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("no accessibility rules: run make assets (%v)", err)
	}
	return string(text)
}

func TestInfestedPagesInABrowser(t *testing.T) {
	dir, in := site(t, whole(infested(7))), browser(t)
	t.Run("drawn, silent, accessible", func(t *testing.T) { accessiblePages(t, in, dir) })
	t.Run("narrow", func(t *testing.T) { narrowPages(t, in, dir) })
	t.Run("hostile text is text", func(t *testing.T) { hostilePages(t, in, dir) })
}

func TestPagesInABrowser(t *testing.T) {
	dir, in := site(t, sample(7)), browser(t)
	t.Run("links open their rows, tables sort", func(t *testing.T) { livePage(t, in, dir) })
	t.Run("paper", func(t *testing.T) { printedPages(t, in, dir) })
}

// accessiblePages: every chart is drawn, nothing is said to the console or asked
// of a host, and the rules hold in light, in dark and with everything open.
func accessiblePages(t *testing.T, in context.Context, dir string) {
	axe := rules(t)
	for name, path := range pagesOf {
		t.Run(name, func(t *testing.T) {
			s := look(t, in, filepath.Join(dir, path), 1440, "light")
			s.picture(t, name+"-1440-light")
			if empty := ask[[]string](t, s, `[...document.querySelectorAll(".chart")].filter(c => !c.querySelector("svg path")).map(c => c.id)`); len(empty) > 0 {
				t.Errorf("charts without a drawing: %v", empty)
			}
			if n := ask[int](t, s, `document.querySelectorAll(".chart").length`); (n == 0) == (name == "weekly" || name == "monthly") {
				t.Errorf("%d charts", n)
			}
			ask[bool](t, s, axe+`; true`)
			accessible(t, s, "light")
			s.scheme(t, "dark")
			accessible(t, s, "dark")
			s.picture(t, name+"-1440-dark")
			ask[bool](t, s, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
			accessible(t, s, "everything open")
			if n := ask[int](t, s, `[...document.scripts].filter(e => e.type !== "application/json").length`); n > 2 {
				t.Errorf("%d scripts", n)
			}
			messages, requests, dialogs := s.seen()
			if len(messages)+len(requests)+dialogs > 0 {
				t.Errorf("console %q, requests %q, %d dialogs", messages, requests, dialogs)
			}
		})
	}
}

// accessible runs the rules of WCAG 2.0 to 2.2, A and AA.
func accessible(t *testing.T, s *sight, when string) {
	t.Helper()
	found := ask[string](t, s, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
		JSON.stringify(r.violations.map(v => ({Rule: v.id, Help: v.help, Where: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary)}))))`)
	var violations []struct {
		Rule, Help string
		Where      []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s: %s\n%s", when, v.Rule, v.Help, strings.Join(v.Where, "\n"))
	}
}

// narrowPages: nothing makes a page scroll sideways.
func narrowPages(t *testing.T, in context.Context, dir string) {
	for name, path := range pagesOf {
		for _, width := range []int64{320, 768} {
			s := look(t, in, filepath.Join(dir, path), width, "light")
			s.picture(t, name+"-"+map[int64]string{320: "320", 768: "768"}[width])
			wide := `[...document.querySelectorAll("main *, header *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".wide *, svg")).slice(0, 3).map(e => e.outerHTML.slice(0, 160))`
			for _, opened := range []bool{false, true} {
				if opened {
					ask[bool](t, s, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
				}
				if got := ask[int64](t, s, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s at %d px (all open: %v) is %d px wide: %v", name, width, opened, got, ask[[]string](t, s, wide))
				}
			}
		}
	}
}

func livePage(t *testing.T, in context.Context, dir string) {
	s := look(t, in, filepath.Join(dir, pagesOf["weekly"]), 1440, "light")
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
	column := `[...document.querySelectorAll("#numbers-repeats tbody tr")].map(r => Number(r.cells[1].dataset.sort))`
	press := `document.querySelectorAll("#numbers-repeats thead button")[1]`
	ask[bool](t, s, press+`.focus(); true`)
	for i, want := range []string{"ascending", "descending"} {
		if err := chromedp.Do(s.ctx, chromedp.KeyEvent("\r")); err != nil {
			t.Fatal(err)
		}
		got := ask[[]float64](t, s, column)
		for n := 1; n < len(got); n++ {
			if up := got[n] > got[n-1]; got[n] != got[n-1] && up != (i == 0) {
				t.Errorf("%s: %v", want, got)
			}
		}
		if state := ask[string](t, s, press+`.closest("th").getAttribute("aria-sort")`); state != want {
			t.Errorf("aria-sort is %q, want %q", state, want)
		}
	}
}

func hostilePages(t *testing.T, in context.Context, dir string) {
	s := look(t, in, filepath.Join(dir, pagesOf["weekly"]), 1440, "light")
	shown := ask[string](t, s, `document.querySelector("main").textContent`)
	for _, text := range hostile {
		if want := clip(text, 60); !strings.Contains(shown, strings.TrimSuffix(want, "…")) {
			t.Errorf("not shown: %q", want)
		}
	}
	if n := ask[int](t, s, `document.querySelectorAll('img, [onerror], a[href^="javascript"]').length`); n > 0 {
		t.Errorf("%d elements came out of tickets", n)
	}
	if messages, requests, dialogs := s.seen(); len(messages)+len(requests)+dialogs > 0 {
		t.Errorf("console %q, requests %q, %d dialogs", messages, requests, dialogs)
	}
}

func printedPages(t *testing.T, in context.Context, dir string) {
	for _, name := range []string{"weekly", "monthly"} {
		s := look(t, in, filepath.Join(dir, pagesOf[name]), 1440, "dark")
		// What the print handler leaves must fit the sheet: 182 mm are 688 px.
		wide := ask[[]string](t, s, `(() => { dispatchEvent(new Event("beforeprint"));
			const wide = [...document.querySelectorAll(".chart svg")].filter(e => e.getBoundingClientRect().width > 688).map(e => e.parentElement.parentElement.id);
			const shut = [...document.querySelectorAll("details:not([open])")].map(e => e.textContent.slice(0, 60));
			dispatchEvent(new Event("afterprint")); return wide.concat(shut); })()`)
		if len(wide) > 0 {
			t.Errorf("%s: too wide or closed on paper: %q", name, wide)
		}
		pdf := s.paper(t)
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 50_000 {
			t.Errorf("%s: %d bytes are no printed page", name, len(pdf))
		}
		if kept := os.Getenv("SREKPI_LOOK"); kept != "" {
			if err := write(filepath.Join(kept, name+".pdf"), pdf); err != nil {
				t.Fatal(err)
			}
		}
	}
}
