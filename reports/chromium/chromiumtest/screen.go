package chromiumtest

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/reports/chromium"
)

// Silent: nothing was said to the console, asked of a host, or opened by a script.
func Silent(t *testing.T, p *chromium.Page) {
	t.Helper()
	if seen := p.Seen(); !seen.Silent() {
		t.Errorf("console %q, requests %q, %d dialogs", seen.Messages, seen.Requests, seen.Dialogs)
	}
}

// Drawn: each chart is a picture with shapes and words in it, and the numbers of
// each stand in a table. It returns how many there are.
func Drawn(t *testing.T, p *chromium.Page) int {
	t.Helper()
	for _, found := range Ask[[]string](t, p, `[...document.querySelectorAll(".chart")].flatMap(c => {
		const svg = c.querySelector("svg"), wrong = [];
		const big = [...(svg ? svg.querySelectorAll("path, rect, polyline, circle") : [])].filter(e => { const b = e.getBBox(); return b.width > 2 || b.height > 2; });
		if (!svg || svg.getBoundingClientRect().width < 100 || svg.getBoundingClientRect().height < 50) wrong.push("no picture");
		else if (big.length < 2) wrong.push("a picture without shapes");
		else if (![...svg.querySelectorAll("text")].some(e => e.textContent.trim())) wrong.push("a picture without words");
		if (!c.getAttribute("aria-label")) wrong.push("no words for who cannot see it");
		const table = document.getElementById("numbers-" + c.id.replace(/^chart-/, "")) || c.closest("figure")?.querySelector("table");
		if (!table || !table.tBodies[0]?.rows.length) wrong.push("no table with its numbers");
		return wrong.map(w => c.id + ": " + w);
	})`) {
		t.Errorf("chart %s", found)
	}
	specs := Ask[[]string](t, p, `[...document.querySelectorAll("script[data-chart]")].map(s => s.dataset.chart).sort()`)
	boxes := Ask[[]string](t, p, `[...document.querySelectorAll(".chart")].map(c => c.id).sort()`)
	if strings.Join(specs, " ") != strings.Join(boxes, " ") {
		t.Errorf("charts in data %v, on the page %v", specs, boxes)
	}
	return len(boxes)
}

// tags are the rules of WCAG 2.0 to 2.2, A and AA, and what is good practice.
const tags = `runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// Accessible runs the rules, contrast included.
func Accessible(t *testing.T, p *chromium.Page, when string) {
	t.Helper()
	judged(t, p, when, tags, true)
}

// Structured runs all rules but that of contrast, which looks at each word and takes
// most of the time: on a page with all of its rows Thin comes before Contrasting.
func Structured(t *testing.T, p *chromium.Page, when string) {
	t.Helper()
	judged(t, p, when, tags+`, rules: {"color-contrast": {enabled: false}}`, false)
}

// Contrasting runs the one rule that another scheme may break.
func Contrasting(t *testing.T, p *chromium.Page, when string) {
	t.Helper()
	judged(t, p, when, `runOnly: {type: "rule", values: ["color-contrast"]}`, true)
}

func judged(t *testing.T, p *chromium.Page, when, which string, contrast bool) {
	t.Helper()
	if !Ask[bool](t, p, `typeof axe === "object"`) {
		Tell(t, p, rules(t))
	}
	found := Ask[string](t, p, `axe.run(document, {`+which+`, resultTypes: ["violations"]}).then(r =>
		JSON.stringify({Looked: r.passes.length, Contrast: r.passes.concat(r.violations).some(v => v.id === "color-contrast"), Violations: r.violations.map(v => ({Rule: v.id, Help: v.help, Where: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary)}))}))`)
	var result struct {
		Looked     int
		Contrast   bool
		Violations []struct {
			Rule, Help string
			Where      []string
		}
	}
	if err := json.Unmarshal([]byte(found), &result); err != nil {
		t.Fatal(err)
	}
	if contrast && !result.Contrast {
		t.Errorf("%s: the contrast was not looked at", when)
	}
	if !contrast && result.Looked < 10 {
		t.Errorf("%s: only %d rules found something to look at", when, result.Looked)
	}
	for _, v := range result.Violations {
		t.Errorf("%s: %s: %s\n%s", when, v.Rule, v.Help, strings.Join(v.Where, "\n"))
	}
}

// Thin leaves three rows of each table and three entries of each list to look things
// up in: the rest are made alike, and the rules look at each cell for its contrast.
func Thin(t *testing.T, p *chromium.Page) {
	t.Helper()
	Tell(t, p, `document.querySelectorAll("tbody").forEach(e => [...e.rows].slice(3).forEach(r => r.remove()));
		document.querySelectorAll(".block").forEach(e => [...e.querySelectorAll(":scope > .entry")].slice(3).forEach(r => r.remove()))`)
}

// rules is the accessibility checker, from the pinned npm package.
func rules(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, gone := os.Stat(filepath.Join(dir, "go.mod")); gone == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "reports/assets/node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("no accessibility rules: run make assets (%v)", err)
	}
	return string(text)
}

// Fits: nothing makes the page scroll sideways, closed or open.
func Fits(t *testing.T, p *chromium.Page) {
	t.Helper()
	type fit struct {
		Width, Wide int
		Which       []string
	}
	const measure = `({Width: innerWidth, Wide: document.documentElement.scrollWidth, Which: [...document.querySelectorAll("main *, header *")]
		.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".wide *, svg")).slice(0, 3).map(e => e.outerHTML.slice(0, 160))})`
	closed := Ask[fit](t, p, measure)
	OpenAll(t, p)
	for _, f := range []fit{closed, Ask[fit](t, p, measure)} {
		if f.Wide > f.Width {
			t.Errorf("at %d px the page is %d px wide: %q", f.Width, f.Wide, f.Which)
		}
	}
}

var identified = regexp.MustCompile(` id="([^"]+)"`)

// Linked: each link within the page or to a file beside it leads to something
// that is there, and no name is given twice. Others are web addresses.
func Linked(t *testing.T, p *chromium.Page, file string) {
	t.Helper()
	names := map[string]map[string]int{}
	namesIn := func(path string) map[string]int {
		if found, known := names[path]; known {
			return found
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%s links to %s: %v", filepath.Base(file), path, err)
			return nil
		}
		found := map[string]int{}
		for _, id := range identified.FindAllSubmatch(text, -1) {
			found[string(id[1])]++
		}
		names[path] = found
		return found
	}
	for id, n := range namesIn(file) {
		if n > 1 {
			t.Errorf("%d elements are called %s", n, id)
		}
	}
	inside := 0
	for _, href := range Ask[[]string](t, p, `[...new Set([...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href")))]`) {
		at, err := url.Parse(href)
		switch {
		case err != nil:
			t.Errorf("link %q: %v", href, err)
		case at.Scheme == "http" || at.Scheme == "https":
			if at.Host == "" {
				t.Errorf("link %q leads nowhere", href)
			}
		case at.Scheme != "" || at.Host != "" || strings.HasPrefix(at.Path, "/"):
			t.Errorf("link %q is neither on the web nor beside the page", href)
		default:
			inside++
			path := file
			if at.Path != "" {
				path = filepath.Join(filepath.Dir(file), filepath.FromSlash(at.Path))
			}
			if ids := namesIn(path); ids != nil && at.Fragment != "" && ids[at.Fragment] == 0 {
				t.Errorf("link %q: nothing is called that", href)
			}
		}
	}
	if inside == 0 {
		t.Error("no link leads to another part or page")
	}
}

// Sorts: each column of each sortable table sorts up and down, keeps its rows and
// leaves blanks last; the mouse and the keyboard do the same. It returns how many
// tables there are.
func Sorts(t *testing.T, p *chromium.Page) int {
	t.Helper()
	OpenAll(t, p)
	for _, wrong := range Ask[[]string](t, p, sorting) {
		t.Error(wrong)
	}
	tables := Ask[int](t, p, `document.querySelectorAll("table.sortable").length`)
	if tables == 0 {
		return 0
	}
	Tell(t, p, `{ const one = [...document.querySelectorAll("table.sortable")].reverse().find(e => e.tBodies[0].rows.length > 1) || document.querySelector("table.sortable");
		one.dataset.tried = ""; one.querySelectorAll("thead button")[0].dataset.tried = ""; }`)
	state := func(how, want string) {
		if got := Ask[string](t, p, `document.querySelector("button[data-tried]").closest("th").getAttribute("aria-sort") || ""`); got != want {
			t.Errorf("after %s the column is %q, want %q", how, got, want)
		}
	}
	was := Ask[string](t, p, `document.querySelector("button[data-tried]").closest("th").getAttribute("aria-sort") || ""`)
	next := map[string]string{"ascending": "descending", "descending": "ascending", "": "ascending"}
	if err := p.Click("button[data-tried]"); err != nil {
		t.Fatal(err)
	}
	state("a click", next[was])
	Tell(t, p, `document.querySelector("button[data-tried]").focus()`)
	for _, key := range []struct{ name, code string }{{"Enter", "\r"}, {"the space bar", " "}} {
		was = next[was]
		if err := p.Press(key.code); err != nil {
			t.Fatal(err)
		}
		state(key.name, next[was])
	}
	return tables
}

// sorting knows nothing of the page's own script.
const sorting = `[...document.querySelectorAll("table.sortable")].flatMap((table, n) => {
	const wrong = [], name = table.caption?.textContent.trim().slice(0, 40) || "table " + n;
	const keys = column => [...table.tBodies[0].rows].map(r => { const c = r.cells[column]; return c.dataset.sort ?? c.textContent.trim(); });
	const rows = () => [...table.tBodies[0].rows].map(r => r.textContent).sort().join("\u0001");
	const before = rows(), buttons = [...table.querySelectorAll("thead th button")];
	if (buttons.length !== table.tHead.rows[0].cells.length) wrong.push(name + ": a column without a button");
	buttons.forEach((button, column) => {
		for (const way of ["ascending", "descending"]) {
			button.click();
			if (button.closest("th").getAttribute("aria-sort") !== way) wrong.push(name + ", column " + column + ": not said to be " + way);
			const all = keys(column), full = all.filter(k => k !== "");
			if (all.slice(full.length).some(k => k !== "")) wrong.push(name + ", column " + column + ", " + way + ": blanks are not last");
			const numbers = full.every(k => !Number.isNaN(Number(k))), words = full.every(k => Number.isNaN(Number(k)));
			if (!numbers && !words) continue;
			for (let i = 1; i < full.length; i++) {
				const order = numbers ? Number(full[i]) - Number(full[i - 1]) : full[i].localeCompare(full[i - 1], "en", { numeric: true, sensitivity: "base" });
				if (way === "ascending" ? order < 0 : order > 0) { wrong.push(name + ", column " + column + ", " + way + ": " + full[i - 1] + " before " + full[i]); break; }
			}
		}
	});
	if (rows() !== before) wrong.push(name + ": sorting lost rows");
	return wrong;
})`

// InFirstScreen: all of it stands in the first 900 pixels of a desktop.
func InFirstScreen(t *testing.T, p *chromium.Page, selectors ...string) {
	t.Helper()
	for _, selector := range selectors {
		name, _ := json.Marshal(selector)
		ends := Ask[[]float64](t, p, `[...document.querySelectorAll(`+string(name)+`)].map(e => { const b = e.getBoundingClientRect(); return b.height > 0 && b.width > 0 && e.checkVisibility() ? b.bottom + scrollY : 1e9; })`)
		if len(ends) == 0 {
			t.Errorf("%s: not on the page", selector)
		}
		for i, end := range ends {
			if end > 900 {
				t.Errorf("%s: number %d ends at %.0f px, the first screen at 900", selector, i+1, end)
			}
		}
	}
}

// Plain: without scripts no box for a chart stands empty, and the numbers of
// each are there to read. The page must have been opened without scripts.
func Plain(t *testing.T, p *chromium.Page) {
	t.Helper()
	if Ask[bool](t, p, `document.documentElement.classList.contains("js")`) {
		t.Fatal("the page's script runs")
	}
	for _, found := range Ask[[]string](t, p, `[...document.querySelectorAll(".chart")].flatMap(c => {
		const wrong = [];
		if (c.checkVisibility() && c.getBoundingClientRect().height > 0) wrong.push("an empty box");
		const table = document.getElementById("numbers-" + c.id.replace(/^chart-/, "")) || c.closest("figure")?.querySelector("table");
		if (!table || !table.checkVisibility({contentVisibilityAuto: true}) || !table.getBoundingClientRect().height) wrong.push("its numbers cannot be seen");
		return wrong.map(w => c.id + ": " + w);
	})`) {
		t.Errorf("without scripts, chart %s", found)
	}
	if n := Ask[int](t, p, `[...document.querySelectorAll("table")].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length`); n == 0 {
		t.Error("without scripts no table can be seen")
	}
	if n := Ask[int](t, p, `document.querySelectorAll("button").length`); n > 0 {
		t.Errorf("%d buttons that do nothing without scripts", n)
	}
}

// Isolated: what turns the direction of reading does so within its own text only.
func Isolated(t *testing.T, p *chromium.Page) {
	t.Helper()
	for _, text := range Ask[[]string](t, p, `(() => { const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) { const at = walk.currentNode;
			if (/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(at.data) && !at.parentElement.closest("bdi, script, style, svg")) out.push(at.parentElement.outerHTML.slice(0, 200)); }
		return out; })()`) {
		t.Errorf("turns the text around it: %q", text)
	}
}
