package reports

import (
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/reports/chromium"
)

func init() {
	maps.Copy(recounts, map[string]recount{
		"evidence/here": {page: func(page string) []float64 {
			var out []float64
			for _, table := range strings.Split(page, `<table class="sortable stack rows"`)[1:] {
				table, _, _ = strings.Cut(table, "</table>")
				out = append(out, float64(strings.Count(table, `<tr role="row" id="`)))
			}
			return out
		}},
	})
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// above finds the nearest element around a node that fits.
func above(n *html.Node, fits func(*html.Node) bool) *html.Node {
	for n = n.Parent; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && fits(n) {
			return n
		}
	}
	return nil
}

func tagged(tags ...string) func(*html.Node) bool {
	return func(n *html.Node) bool { return strings.Contains(" "+strings.Join(tags, " ")+" ", " "+n.Data+" ") }
}

func TestEveryNumberOfThePeriodLeadsToItsRows(t *testing.T) {
	conn, c := filled(t, "whole sample")
	for name, kind := range kindOf {
		for _, p := range []metrics.Period{periodAt(t, kind, c.AsOf), runningAt(t, kind, c.AsOf)} {
			page, _ := text(t, conn, options("", c.AsOf), name, p, nil)
			hrefs(t, page)
			root, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			linked, others, tallies, ids := 0, 0, map[string]string{}, map[string]bool{}
			stops := map[*html.Node]map[string]int{}
			for n := range root.Descendants() {
				ids[attr(n, "id")] = true
			}
			for n := range root.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				if n.Data == "a" && above(n, tagged("a", "button", "summary", "svg")) != nil {
					t.Errorf("%s: a link stands within another: %v", name, n.Attr)
				}
				if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "#evidence-") && attr(n, "tabindex") == "" {
					var row *html.Node
					for at := n; at != nil; at = above(at, tagged("tr", "li", "figure", "p", "dl", "article")) {
						row = at
					}
					if stops[row] == nil {
						stops[row] = map[string]int{}
					}
					if stops[row][attr(n, "href")]++; stops[row][attr(n, "href")] > 1 && attr(n, "class") == "proof" {
						var b strings.Builder
						html.Render(&b, row)
						t.Errorf("%s: the keyboard stops twice for %s in %s", name, attr(n, "href"), b.String())
					}
				}
				if n.Data != "data" {
					continue
				}
				in := n.Parent
				own := in.Data == "a" && attr(in, "class") == "proof"
				if own {
					if goal := strings.TrimPrefix(attr(in, "href"), "#"); !ids[goal] {
						t.Errorf("%s: a number leads to %s, which is not there", name, goal)
					}
				}
				if what := attr(n, "data-tally"); what != "" {
					if own {
						tallies[what] = attr(in, "href")
					}
					continue
				}
				mark := strings.Split(attr(n, "data-kpi"), "/")
				if len(mark) != 6 || above(n, func(n *html.Node) bool { return attr(n, "id") == "evidence" }) != nil {
					continue
				}
				if mark[2] != p.Kind || mark[3] != p.Start.Format(time.DateOnly) || attr(n, "data-part") == "normal" {
					if others++; own {
						t.Errorf("%s: a figure of another period is linked: %v", name, n.Attr)
					}
					continue
				}
				if above(n, tagged("summary", "thead")) != nil || !own && above(n, tagged("a")) != nil {
					continue
				}
				linked++
				if !own || attr(in, "href") != "#evidence-"+mark[0] {
					t.Errorf("%s: %v leads to %q", name, n.Attr, attr(in, "href"))
				}
			}
			if linked < 40 || others < 40 {
				t.Errorf("%s: %d figures are linked, %d are of other periods", name, linked, others)
			}
			if name == metrics.Weekly && p.EndsAt.Before(c.AsOf) && (tallies["incidents/began"] != "#evidence-incident_count" || tallies["changes/completed"] != "#evidence-change_failure_rate") {
				t.Errorf("%s: counts lead to %v", name, tallies)
			}
		}
	}
}

// Each fragment that countedRows names is one that some page has.
func TestCountsLeadToPlacesThatExist(t *testing.T) {
	conn, c := filled(t, "whole sample")
	known := map[string]bool{}
	for name, kind := range kindOf {
		page, _ := text(t, conn, options("", c.AsOf), name, periodAt(t, kind, c.AsOf), nil)
		ids, err := idsOf([]byte(page))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(known, ids)
	}
	for what, goals := range countedRows {
		for _, goal := range goals {
			if !known[goal] {
				t.Errorf("%s leads to %s, which no page has", what, goal)
			}
		}
	}
}

func TestLinkingChangesNothingElse(t *testing.T) {
	p := metrics.Period{Kind: metrics.Week, Start: time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC)}
	s := &sheet{period: p}
	fig := `<data class="fig" value="3" data-kpi="incident_count/count/week/2026-06-09/all/" data-part="value">3</data>`
	link := `<a class="proof" href="#evidence-incident_count">` + fig + `</a>`
	quiet := `<a class="proof" href="#evidence-incident_count" tabindex="-1">` + fig + `</a>`
	home := `<section id="evidence"><article id="evidence-incident_count"></article></section>`
	for from, want := range map[string]string{
		`<P Class="X">` + fig + `&amp; <bdi>&lt;/a></bdi>` + fig + `</P>`:                `<P Class="X">` + link + `&amp; <bdi>&lt;/a></bdi>` + quiet + `</P>`,
		`<p>` + fig + `</p><p>` + fig + `</p>`:                                           `<p>` + link + `</p><p>` + link + `</p>`,
		`<a href="#x">` + fig + `</a><summary>` + fig + `</summary>`:                     `<a href="#x">` + fig + `</a><summary>` + fig + `</summary>`,
		`<tr><td><a href="#evidence-incident_count">I</a></td><td>` + fig + `</td></tr>`: `<tr><td><a href="#evidence-incident_count">I</a></td><td>` + quiet + `</td></tr>`,
		`<script>"` + fig + `"</script><svg><text>` + fig + `</text></svg>`:              `<script>"` + fig + `"</script><svg><text>` + fig + `</text></svg>`,
		strings.ReplaceAll(fig, "2026-06-09", "2026-06-02"):                              strings.ReplaceAll(fig, "2026-06-09", "2026-06-02"),
		strings.ReplaceAll(fig, "incident_count", "nowhere"):                             strings.ReplaceAll(fig, "incident_count", "nowhere"),
		`<section id="evidence">` + fig + `</section>`:                                   `<section id="evidence">` + fig + `</section>`,
		strings.ReplaceAll(fig, `"value">`, `"normal">`):                                 strings.ReplaceAll(fig, `"value">`, `"normal">`),
	} {
		got, err := s.linkFigures([]byte(from + home))
		if err != nil || string(got) != want+home {
			t.Errorf("%s\nbecame %s\nwant   %s (%v)", from, got, want+home, err)
		}
	}
}

// followed clicks a number and goes back: its rows are seen, then what was seen before.
func followed(t *testing.T, in *chromium.Browser, path string) {
	t.Helper()
	s := look(t, in, path, 1440, "light")
	ask[bool](t, s, `document.documentElement.style.scrollBehavior = "auto"; true`)
	start := ask[float64](t, s, `scrollBy(0, 400); new Promise(d => setTimeout(() => d(scrollY), 100))`)
	opened := ask[bool](t, s, `(() => { const a = document.querySelector("#kpis tr a.proof"); a.focus(); a.click(); const goal = document.querySelector(a.getAttribute("href"));
		return new Promise(d => setTimeout(() => { const box = goal.querySelector("table.rows").getBoundingClientRect();
			d(goal.querySelector("details").open && box.height > 0 && goal.getBoundingClientRect().top >= 0 && goal.getBoundingClientRect().top < innerHeight && document.querySelectorAll("#evidence details[open]").length === 1); }, 300)); })()`)
	if !opened {
		t.Errorf("%s: a number does not show its rows", path)
	}
	back := ask[float64](t, s, `(() => { history.back(); return new Promise(d => setTimeout(() => d(scrollY), 500)); })()`)
	if back < start-2 || back > start+2 {
		t.Errorf("%s: the way back ends at %v, it began at %v", path, back, start)
	}
}

// sorted presses the heading of a column by the keyboard and reads it again.
func sorted(t *testing.T, s sight, table, column int, keys string) {
	t.Helper()
	for _, want := range []string{"ascending", "descending"} {
		ask[bool](t, s, expand(`document.querySelectorAll("table.rows")[T].querySelectorAll("thead button")[C].focus(); true`, table, column))
		if err := s.Press("\r"); err != nil {
			t.Fatal(err)
		}
		if state := ask[string](t, s, expand(`document.querySelectorAll("table.rows")[T].querySelectorAll("thead th")[C].getAttribute("aria-sort")`, table, column)); state != want {
			t.Errorf("aria-sort is %q, want %q", state, want)
		}
		if n := ask[int](t, s, expand(`document.querySelectorAll("table.rows")[T].querySelectorAll("thead [aria-sort]").length`, table, column)); n != 1 {
			t.Errorf("%d columns say that they are sorted", n)
		}
		got := ask[[]*float64](t, s, expand(`[...document.querySelectorAll("table.rows")[T].tBodies[0].rows].map(r => { const x = `+keys+`; return Number.isNaN(x) ? null : x; })`, table, column))
		last := (*float64)(nil)
		for i, x := range got {
			if x == nil {
				for _, rest := range got[i:] {
					if rest != nil {
						t.Errorf("%s: an empty cell stands before %v", want, *rest)
						break
					}
				}
				break
			}
			if last != nil && (want == "ascending" && *x < *last || want == "descending" && *x > *last) {
				t.Errorf("%s: %v after %v", want, *x, *last)
				break
			}
			last = x
		}
	}
}

func expand(text string, table, column int) string {
	return strings.NewReplacer("[T]", "["+metrics.Number(float64(table))+"]", "[C]", "["+metrics.Number(float64(column))+"]").Replace(text)
}

var hrefTag = regexp.MustCompile(`href="([^"]*)"`)

// resolved follows every link of a written page that stays within its folder.
func resolved(t *testing.T, path string, read func(string) string) (files []string) {
	t.Helper()
	page := scripts.ReplaceAllString(read(path), "")
	for _, m := range hrefTag.FindAllStringSubmatch(page, -1) {
		address := html.UnescapeString(m[1])
		if strings.Contains(address, "://") || strings.HasPrefix(address, "data:") || strings.HasSuffix(address, "index.html") || strings.HasPrefix(address, "#shape-") {
			continue
		}
		file, fragment, _ := strings.Cut(address, "#")
		goal := path
		if file != "" {
			goal = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
			files = append(files, goal)
		}
		if there := read(goal); fragment != "" && !strings.Contains(there, ` id="`+fragment+`"`) {
			t.Errorf("%s leads to %s, which has no %s", path, goal, fragment)
		}
	}
	return files
}
