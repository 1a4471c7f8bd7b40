package chromiumtest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/reports/chromium"
)

// uncut are the pieces that no end of a sheet may cut.
const uncut = ".card, .panel, .chart, .whole, .state, .asks > li, tbody tr"

// Printed prints the page and holds what came out: all of it open, black on white
// though the system is dark, no piece cut, the head of a table again on each
// sheet that it goes on to, the proof on a sheet of its own. It returns the PDF.
//
// Where a piece begins and ends is read from the PDF itself: each gets empty
// marks that a link names, and a PDF says on which sheet the goal of
// a link lies. A link in the head of a table is there once on each sheet.
func Printed(t *testing.T, p *chromium.Page) []byte {
	t.Helper()
	if err := p.Emulate("print", chromium.Dark); err != nil {
		t.Fatal(err)
	}
	if ink := Ask[string](t, p, `getComputedStyle(document.body).backgroundColor + " " + getComputedStyle(document.body).color`); ink != "rgb(255, 255, 255) rgb(20, 24, 29)" {
		t.Errorf("on paper the ground and the ink are %s", ink)
	}
	pieces := Ask[[]piece](t, p, mark(uncut))
	if err := p.Emulate("", chromium.Dark); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range Ask[[]string](t, p, `(() => { dispatchEvent(new Event("beforeprint"));
		const wide = [...document.querySelectorAll(".chart svg")].filter(e => e.getBoundingClientRect().width > 688).map(e => e.closest(".chart").id + " is wider than the paper");
		const shut = [...document.querySelectorAll("details:not([open])")].map(e => e.textContent.slice(0, 60) + " is closed");
		dispatchEvent(new Event("afterprint")); return wide.concat(shut); })()`) {
		t.Error(wrong)
	}
	pdf, err := p.PDF(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	sheets := sheetsOf(t, pdf)
	whole := 0
	for i, one := range pieces {
		first := sheets.goal(fmt.Sprintf("cut-%d-0", i))
		if one.Marks > 0 && first == 0 {
			t.Errorf("not printed: %s", one.Name)
		}
		for n := 1; n < one.Marks; n++ {
			if at := sheets.goal(fmt.Sprintf("cut-%d-%d", i, n)); at != first && at != 0 { // in columns within columns a browser loses some
				t.Errorf("begins on sheet %d, goes on on sheet %d: %s", first, at, one.Name)
				break
			}
		}
		whole += one.Marks
	}
	if whole == 0 {
		t.Error("no piece to cut")
	}
	for n, of := range Ask[[]string](t, p, `[...document.querySelectorAll("table[data-head]")].map(e => (e.caption?.textContent || e.className).slice(0, 60))`) {
		first, last := sheets.goal(fmt.Sprintf("head-%d-first", n)), sheets.goal(fmt.Sprintf("head-%d-last", n))
		for sheet := first; sheet <= last; sheet++ {
			if !sheets.links(sheet, fmt.Sprintf("head-%d-first", n)) {
				t.Errorf("sheet %d goes on with a table without its head: %s", sheet, of)
				break
			}
		}
	}
	if proof := sheets.goal("evidence"); proof > 0 && sheets.height("evidence") < 820 {
		t.Errorf("the evidence begins in the midst of sheet %d, %.0f points above its foot", proof, sheets.height("evidence"))
	}
	return pdf
}

// mark puts the marks in, empty and in the flow of the text, and returns how many
// each piece has, with a name for it.
func mark(selector string) string {
	return `(() => {
		const links = document.createElement("p"); links.hidden = true; document.querySelector("main").append(links);
		const link = id => { const a = document.createElement("a"); a.href = "#" + id; links.append(a); };
		const spot = id => { link(id); const i = document.createElement("i"); i.id = id; return i; };
		const says = e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()) && e.checkVisibility() && !e.closest("svg, script, .away, abbr");
		const pieces = [...document.querySelectorAll("main *, header *")].filter(e => !e.closest("svg") && !e.matches("thead, thead *, table, tbody") &&
			(e.matches("` + selector + `") || getComputedStyle(e).breakInside === "avoid"));
		const out = pieces.map((e, n) => {
			let texts = e.tagName === "TR" ? [e.cells[0], [...e.cells].reduce((a, b) => b.textContent.length > a.textContent.length ? b : a)] : [e, ...e.querySelectorAll("*")].filter(says);
			if (!texts.length) return {Name: "", Marks: 0};
			texts[0].prepend(spot("cut-" + n + "-0"));
			texts.forEach((text, i) => text.append(spot("cut-" + n + "-" + (i + 1))));
			return {Name: (e.id || e.className || e.tagName) + ": " + e.textContent.trim().replace(/\s+/g, " ").slice(0, 60), Marks: texts.length + 1};
		});
		[...document.querySelectorAll("table")].filter(e => e.tHead && getComputedStyle(e.tHead).display !== "none" && e.tBodies[0].rows.length > 1).forEach((e, n) => {
			e.dataset.head = n;
			const rows = e.tBodies[0].rows, a = document.createElement("a");
			a.href = "#head-" + n + "-first"; a.textContent = "."; e.tHead.rows[0].cells[0].append(a);
			rows[0].cells[0].append(spot("head-" + n + "-first")); rows[rows.length - 1].cells[0].append(spot("head-" + n + "-last"));
		});
		link("evidence");
		return out;
	})()`
}

// sheets is what a PDF says of itself: which object is which sheet, where the
// goals of its links lie, which links stand on which sheet.
type sheets struct {
	number map[string]int // of an object
	goals  map[string]goal
	linked map[int]string // all links of a sheet, as the PDF writes them
}

// piece is what may not be cut, with the number of its marks.
type piece struct {
	Name  string
	Marks int
}

type goal struct {
	sheet  int
	height float64
}

var (
	kids   = regexp.MustCompile(`(?s)/Kids \[([^\]]*)\]`)
	object = regexp.MustCompile(`(\d+) 0 R`)
	named  = regexp.MustCompile(`/([A-Za-z0-9_.-]+) \[(\d+) 0 R /XYZ [\d.-]+ ([\d.-]+) 0\]`)
	annots = regexp.MustCompile(`(?s)/Annots \[(.*?)\]\s*(?:/|>>)`)
)

func (s sheets) goal(name string) int       { return s.goals[name].sheet }
func (s sheets) height(name string) float64 { return s.goals[name].height }

func (s sheets) links(sheet int, name string) bool {
	return strings.Contains(s.linked[sheet], "/Dest /"+name+"\n")
}

func sheetsOf(t *testing.T, pdf []byte) sheets {
	t.Helper()
	objects := map[string][]byte{}
	var order []string
	leaf := map[string]bool{}
	for _, part := range bytes.Split(pdf, []byte("endobj")) {
		at := bytes.Index(part, []byte(" 0 obj"))
		if at < 0 {
			continue
		}
		id := string(bytes.TrimSpace(part[bytes.LastIndexByte(part[:at], '\n')+1 : at]))
		body, _, _ := bytes.Cut(part[at:], []byte("stream"))
		objects[id] = body
		leaf[id] = bytes.Contains(body, []byte("/Type /Page\n"))
	}
	var walk func(id string)
	walk = func(id string) {
		if leaf[id] {
			order = append(order, id)
			return
		}
		if list := kids.FindSubmatch(objects[id]); list != nil {
			for _, kid := range object.FindAllSubmatch(list[1], -1) {
				walk(string(kid[1]))
			}
		}
	}
	for id, body := range objects {
		if bytes.Contains(body, []byte("/Type /Pages")) && !bytes.Contains(body, []byte("/Parent")) {
			walk(id)
		}
	}
	s := sheets{number: map[string]int{}, goals: map[string]goal{}, linked: map[int]string{}}
	for i, id := range order {
		s.number[id] = i + 1
		if list := annots.FindSubmatch(objects[id]); list != nil {
			for _, one := range object.FindAllSubmatch(list[1], -1) {
				s.linked[i+1] += string(objects[string(one[1])])
			}
		}
	}
	for _, body := range objects {
		for _, one := range named.FindAllSubmatch(body, -1) {
			height, _ := strconv.ParseFloat(string(one[3]), 64)
			s.goals[string(one[1])] = goal{s.number[string(one[2])], height}
		}
	}
	if len(order) == 0 || len(s.goals) == 0 {
		t.Fatalf("%d bytes are no printed page: %d sheets, %d goals of links", len(pdf), len(order), len(s.goals))
	}
	return s
}
