package reports

import (
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/reports/chromium/chromiumtest"
)

// flood adds so many rows to the evidence of incidents and of their durations in
// a period: hostile titles, long addresses, each fate.
func flood(t *testing.T, conn driver.Conn, p metrics.Period, kpi string, rows int, longURL int) {
	t.Helper()
	err := conn.Exec(t.Context(), `INSERT INTO kpi_evidence SELECT @kpi, 'incident', concat('flood:', toString(number)), concat('F-', toString(number)), @titles[number % length(@titles) + 1],
			concat('https://desk.example.com/', repeat('x', @long), toString(number)), toDateTime64(@from, 3, 'UTC') + number, if(number % 11 = 0, NULL, toDateTime64(@from, 3, 'UTC') + number + 60 * (number % 977)), if(number % 11 = 0, NULL, 60. * (number % 977)),
			NULL, map(), if(number % 5 = 0, concat('as flood:', toString(number + 1), ' says'), @titles[number % length(@titles) + 1]), [concat('flood:', toString(number + 2))], NULL, number % 13 > 0, if(number % 13 > 0, '', concat('same as flood:', toString(number + 1), @titles[1]))
		FROM numbers(@rows)`,
		clickhouse.Named("kpi", kpi), clickhouse.Named("titles", clean2(hostile)), clickhouse.Named("long", longURL), moment("from", p.StartsAt), clickhouse.Named("rows", rows))
	if err != nil {
		t.Fatal(err)
	}
}

// clean2 leaves out what the driver cannot bind as text of a query.
func clean2(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", ""))
	}
	return out
}

var (
	rowTag  = regexp.MustCompile(`<tr role="row" id="([^"]*)"`)
	nextTag = regexp.MustCompile(`<a href="([^"]*)" rel="next">`)
	prevTag = regexp.MustCompile(`<a href="([^"]*)" rel="prev">`)
)

// behindIt are the anchors of the rows of a KPI in a period, by a query that
// knows nothing of how the files are made.
func behindIt(t *testing.T, conn driver.Conn, k metrics.KPI, p metrics.Period) map[string]bool {
	t.Helper()
	within := "at >= @from AND at < @to"
	open := "included = 1 AND from_at < @to AND (at IS NULL OR at >= @to)"
	where := within
	switch {
	case k.Stock:
		where = "included = 0 AND " + within + " OR " + open
	case k.Kind == metrics.KindDuration:
		where = within + " OR " + open
	}
	for name, at := range map[string]time.Time{"@from": p.StartsAt, "@to": p.EndsAt} {
		where = strings.ReplaceAll(where, name, "toDateTime64('"+at.UTC().Format("2006-01-02 15:04:05")+"', 3, 'UTC')")
	}
	var rows []struct {
		ID string `ch:"id"`
	}
	if err := conn.Select(t.Context(), &rows, "SELECT id FROM kpi_evidence WHERE kpi = '"+k.Name+"' AND ("+where+")"); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, r := range rows {
		out[anchor(k.Name, r.ID)] = true
	}
	if len(out) != len(rows) {
		t.Errorf("%s: %d rows have %d anchors", k.Name, len(rows), len(out))
	}
	return out
}

func file(t *testing.T) func(string) string {
	kept := map[string]string{}
	return func(path string) string {
		t.Helper()
		if _, ok := kept[path]; !ok {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			kept[path] = string(b)
		}
		return kept[path]
	}
}

// everything is what lies below a folder.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	out, read := map[string]string{}, file(t)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out[strings.TrimPrefix(path, dir)] = read(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// commandHere is the command that a page or a file prints to list all rows of a KPI.
var commandHere = regexp.MustCompile(`<code class="sql">srekpi sql &#34;(.*?)&#34; --format CSVWithNames</code>`)

// allOf runs it, and gives the anchors of the rows.
func allOf(t *testing.T, conn driver.Conn, kpi, markup string) map[string]bool {
	t.Helper()
	found := commandHere.FindStringSubmatch(markup)
	if found == nil {
		return nil
	}
	var rows []struct {
		ID string `ch:"id"`
	}
	if err := conn.Select(t.Context(), &rows, "SELECT id FROM ("+html.UnescapeString(found[1])+")"); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, r := range rows {
		out[anchor(kpi, r.ID)] = true
	}
	return out
}

// What a page cannot hold stands beside it: all of it, or the first rows, how many
// there are, and a command that lists them all.
func TestMoreRowsStandBesideThePage(t *testing.T) {
	conn, c := filled(t, "infested")
	p := periodAt(t, metrics.Week, c.AsOf)
	flood(t, conn, p, "time_to_resolve", 5000, 0)
	flood(t, conn, p, "incident_count", 20_000, 100)
	flood(t, conn, p, "change_failure_rate", 5000, 1900) // long addresses: fewer rows a file
	flood(t, conn, p, "reopen_rate", fileRows-200, 0)    // beside the page stand all
	if err := conn.Exec(t.Context(), `INSERT INTO identities VALUES ('incident', 'flood:971', 'SIX-6', 'https://desk.example.com/six', 'other')`); err != nil {
		t.Fatal(err)
	}
	dir, again := t.TempDir(), t.TempDir()
	for _, one := range []string{dir, again} {
		if _, err := Render(t.Context(), conn, options(one, c.AsOf), metrics.Weekly, p, nil); err != nil {
			t.Fatal(err)
		}
	}
	files := everything(t, dir)
	if !maps.Equal(files, everything(t, again)) {
		t.Error("two renders of the same data differ")
	}
	path := filepath.Join(dir, "weekly", p.Slug()+".html")
	read := file(t)
	page := read(path)
	hrefs(t, page)
	seen := map[string]bool{path: true}
	for _, one := range resolved(t, path, read) {
		seen[one] = true
	}
	kpis, err := metrics.Catalogue(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	long, cut := 0, 0
	for _, k := range kpis {
		want := behindIt(t, conn, k, p)
		onPage := map[string]bool{}
		article := between(page, `id="evidence-`+k.Name+`"`, "</article>")
		for _, m := range rowTag.FindAllStringSubmatch(article, -1) {
			onPage[m[1]] = true
		}
		first := p.Slug() + "-evidence/" + k.Name + ".html"
		if len(onPage) == len(want) {
			if strings.Contains(article, first) || files["/weekly/"+first] != "" {
				t.Errorf("%s: all rows are on the page, and in a file", k.Name)
			}
			continue
		}
		long++
		number := func(n int) string { return metrics.Number(float64(n)) }
		said := fmt.Sprintf("%s of %s rows are shown", number(len(onPage)), number(len(want)))
		if !strings.Contains(plain(article), said) || !strings.Contains(article, `href="`+first+`"`) {
			t.Errorf("%s: %d of %d rows are shown, and the page does not say where the others are", k.Name, len(onPage), len(want))
		}
		got, before, whole := map[string]bool{}, "", true
		for at, n := filepath.Join(dir, "weekly", filepath.FromSlash(first)), 1; at != ""; n++ {
			part := read(at)
			seen[at] = true
			hrefs(t, part)
			resolved(t, at, read)
			rows := rowTag.FindAllStringSubmatch(part, -1)
			if len(part) >= 2_000_000 || len(rows) > fileRows || len(rows) == 0 {
				t.Errorf("%s: %d rows, %d bytes", at, len(rows), len(part))
			}
			if all := allOf(t, conn, k.Name, part); all != nil {
				whole = false
				if !maps.Equal(all, want) {
					t.Errorf("%s: its command lists %d rows of %d", at, len(all), len(want))
				}
			}
			for _, m := range rows {
				if got[m[1]] {
					t.Errorf("%s: %s stands twice", at, m[1])
				}
				got[m[1]] = true
			}
			previous, next := prevTag.FindStringSubmatch(part), nextTag.FindStringSubmatch(part)
			if (previous == nil) != (n == 1) || previous != nil && previous[1] != before {
				t.Errorf("%s: previous is %q, want %q", at, previous, before)
			}
			if !strings.Contains(part, `href="../`+p.Slug()+`.html#evidence-`+k.Name+`"`) {
				t.Errorf("%s leads back to no figure", at)
			}
			before = filepath.Base(at)
			if at = ""; next != nil {
				at = filepath.Join(dir, "weekly", p.Slug()+"-evidence", next[1])
			}
		}
		more := ". All of them stand in the full list."
		if !whole {
			more = fmt.Sprintf(", and the first %s in a longer list. All of them:", number(len(got)))
		}
		if !strings.Contains(plain(article), said+more) {
			t.Errorf("%s: the page does not say %q", k.Name, said+more)
		}
		if whole {
			if !maps.Equal(got, want) {
				t.Errorf("%s: %d rows in its files, %d in kpi_evidence", k.Name, len(got), len(want))
			}
			continue
		}
		cut++
		for id := range onPage {
			if !got[id] {
				t.Errorf("%s: %s is on the page and not in the longer list", k.Name, id)
			}
		}
		for id := range got {
			if !want[id] {
				t.Errorf("%s: %s stands in its files and not behind it", k.Name, id)
			}
		}
		if len(got) > fileRows || len(got) <= len(onPage) || len(want) <= fileRows || !maps.Equal(allOf(t, conn, k.Name, article), want) {
			t.Errorf("%s: %d of %d rows in its files, and the page names no command for all", k.Name, len(got), len(want))
		}
	}
	if cut < 3 || long-cut < 1 {
		t.Errorf("%d KPIs have files, %d of them with the first rows only", long, cut)
	}
	for name := range files {
		if !seen[filepath.Join(dir, name)] {
			t.Errorf("nothing leads to %s", name)
		}
	}
	// Hostile text is text, ids have names, what is left out says why.
	one := read(filepath.Join(dir, "weekly", p.Slug()+"-evidence", "time_to_resolve.html"))
	for _, text := range clean2(hostile) {
		if want := html.EscapeString(strings.TrimSuffix(clip(text, 60), "…")); !strings.Contains(one, want) {
			t.Errorf("not shown: %s", want)
		}
	}
	if strings.Contains(one, "<img") || strings.Count(one, "<script") != 1 {
		t.Error("elements came out of tickets")
	}
	all := ""
	for name, text := range files {
		if strings.Contains(name, "/time_to_resolve") {
			all += text
		}
	}
	says(t, all, []string{"as SIX-6 says", "Left out: ", "same as flood:976", "Still open at the end: ", "The first 1,000 of "}, "as flood:971 says")
	says(t, read(filepath.Join(dir, "weekly", p.Slug()+"-evidence", "change_failure_rate.html")), []string{"Rows 1 to "})
	if !strings.Contains(all, `<a class="key tight" href="https://desk.example.com/six"><bdi>SIX-6</bdi></a>`) {
		t.Error("the named record has no link")
	}
	// To a writer there is no folder: the command stands there.
	toWriter, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, nil)
	if strings.Contains(toWriter, "-evidence/") || !strings.Contains(toWriter, "kpi = &#39;incident_count&#39;") {
		t.Error("a page without a folder links to one, or names no command")
	}
}

func TestStaleEvidenceGoes(t *testing.T) {
	conn, c := filled(t, "sample")
	p := periodAt(t, metrics.Week, c.AsOf)
	dir := t.TempDir()
	o := options(dir, c.AsOf)
	folder := filepath.Join(dir, "weekly", p.Slug()+"-evidence")
	names := func() (out []string) {
		files, err := os.ReadDir(folder)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			out = append(out, f.Name())
		}
		return out
	}
	render := func(want ...string) {
		t.Helper()
		if _, err := Render(t.Context(), conn, o, metrics.Weekly, p, nil); err != nil {
			t.Fatal(err)
		}
		if got := names(); !slices.Equal(got, want) {
			t.Errorf("%q lie beside the page, want %q", got, want)
		}
		resolved(t, filepath.Join(dir, "weekly", p.Slug()+".html"), file(t))
	}
	run := func(query string) {
		t.Helper()
		if err := conn.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	run(`ALTER TABLE kpi_evidence DELETE WHERE kpi = 'time_to_acknowledge' SETTINGS mutations_sync = 2`) // nobody acknowledged any
	flood(t, conn, p, "time_to_resolve", 5000, 1900)
	flood(t, conn, p, "incident_count", 500, 0)
	render("incident_count.html", "time_to_resolve-2.html", "time_to_resolve.html")
	// The index lists pages, not what stands beside them.
	if err := WriteIndex(o); err != nil {
		t.Fatal(err)
	}
	if index := file(t)(filepath.Join(dir, "index.html")); strings.Contains(index, "-evidence") || strings.Count(index, `class="period"><a`) != 1 {
		t.Error("the index lists the evidence as pages")
	}
	run(`ALTER TABLE kpi_evidence DELETE WHERE kpi = 'time_to_resolve' AND id LIKE 'flood:%' AND toUInt32(substring(id, 7)) >= 500 SETTINGS mutations_sync = 2`)
	render("incident_count.html", "time_to_resolve.html")
	for _, mine := range []string{"notes.html", "figures.csv"} {
		if err := os.WriteFile(filepath.Join(folder, mine), []byte("<p>mine</p>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(`ALTER TABLE kpi_evidence DELETE WHERE id LIKE 'flood:%' SETTINGS mutations_sync = 2`)
	render("figures.csv", "notes.html")
	for _, mine := range []string{"notes.html", "figures.csv"} {
		if err := os.Remove(filepath.Join(folder, mine)); err != nil {
			t.Fatal(err)
		}
	}
	render()
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("an empty folder is left: %v", err)
	}
}

func TestEvidenceInABrowser(t *testing.T) {
	conn, c := filled(t, "sample")
	p := periodAt(t, metrics.Week, c.AsOf)
	flood(t, conn, p, "time_to_resolve", 4100, 0)
	flood(t, conn, p, "incident_count", 500, 0)
	dir := t.TempDir()
	if kept := os.Getenv("SREKPI_LOOK"); kept != "" {
		dir = filepath.Join(kept, "site-"+t.Name())
	}
	if _, err := Render(t.Context(), conn, options(dir, c.AsOf), metrics.Weekly, p, nil); err != nil {
		t.Fatal(err)
	}
	in := browser(t)
	page := filepath.Join(dir, "weekly", p.Slug()+".html")
	followed(t, in, page)
	folder := filepath.Join(dir, "weekly", p.Slug()+"-evidence")
	last := look(t, in, filepath.Join(folder, "incident_count.html"), 1440, "light")
	chromiumtest.Accessible(t, last.Page, "evidence")
	first := filepath.Join(folder, "time_to_resolve.html")
	for _, width := range []int64{1440, 320} {
		s := look(t, in, first, width, "light")
		if got := ask[int64](t, s, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("at %d px the file is %d px wide", width, got)
		}
		s.picture(t, "evidence-"+metrics.Number(float64(width)))
		number := `r.cells[C].dataset.sort === "" ? NaN : Number(r.cells[C].dataset.sort)`
		sorted(t, s, 0, 1, number)                                                              // values
		sorted(t, s, 0, 2, number)                                                              // moments
		sorted(t, s, 0, 0, `Number((r.cells[0].textContent.match(/^F-(\d+)/) || [0, 1e9])[1])`) // keys
		took := ask[float64](t, s, `(() => { const start = performance.now(); document.querySelectorAll("thead button")[1].click(); document.body.offsetHeight; return performance.now() - start; })()`)
		t.Logf("sorting %d rows takes %.0f ms, layout included", fileRows, took)
		if seen := s.Seen(); !seen.Silent() {
			t.Errorf("the file did %+v", seen)
		}
	}
}
