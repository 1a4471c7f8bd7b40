package reports

import (
	"html"
	"html/template"
	"strconv"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// evidencePart is the rows of one fate: counted, still open, left out.
type evidencePart struct {
	Title                     string
	Lasting                   string // what a row is that has no end
	Unit                      string // of the values
	Count                     tally
	Here                      tally // how many of them stand here; empty for all
	Rows                      []evidenceRow
	Value, Hit, Basis, Reason bool // which columns it has

	set  []byte // the rows in type, where they are no longer kept as such
	here int    // how many are
}

type evidenceRow struct {
	ID       string `view:"key"`
	Key      place
	Title    string `view:"quote"`
	From, At string `view:"date"`
	AtRaw    string `view:"structure"` // to sort by; empty where there is no moment
	Value    tally
	Hit      string
	Basis    prose
	Refs     prose
	MoreRefs tally // not named
	Reason   prose
}

// refsShown is how many records a row names that it refers to.
const refsShown = 3

// evidencePart sets the rows of a fate, of which there are so many in all.
func (s *sheet) evidencePart(k metrics.KPI, f metrics.Fate, rows []metrics.Evidence, count int) evidencePart {
	title := fateTitle(k, f)
	part := evidencePart{Title: title, Lasting: k.Lasting(), Count: tallyOf("evidence/"+k.Name+"/"+title, count)}
	counted := f == metrics.Counted
	part.Value = counted && k.Kind != metrics.KindRate && (k.Kind != metrics.KindCount || summed(k))
	part.Hit = counted && (k.Kind == metrics.KindRate || k.Kind == metrics.KindShare)
	if part.Value && (summed(k) || k.Kind == metrics.KindShare) {
		part.Unit = k.Unit
	}
	if len(rows) < count {
		part.Here = tallyOf("evidence/here", len(rows))
	}
	for _, e := range rows {
		row := s.evidenceRow(k, e)
		part.Basis = part.Basis || len(row.Basis)+len(row.Refs) > 0 || row.MoreRefs.Text != ""
		part.Reason = part.Reason || len(row.Reason) > 0
		part.Rows = append(part.Rows, row)
	}
	return part
}

func (s *sheet) evidenceRow(k metrics.KPI, e metrics.Evidence) evidenceRow {
	row := evidenceRow{ID: anchor(k.Name, e.ID), Key: place{Text: clip(e.Key, 40), URL: link(e.URL)}, Title: clip(e.Title, 80),
		Basis: s.named(e.Basis, 60), Reason: s.named(e.Reason, 160)}
	if row.Key.Text == "" {
		row.Key.Text = clip(e.ID, 40)
	}
	if e.FromAt != nil {
		row.From = s.dayAndYear(*e.FromAt)
		row.AtRaw = strconv.FormatInt(e.FromAt.Unix(), 10)
	}
	if e.At != nil && (e.FromAt == nil || e.At.Before(s.period.EndsAt)) { // what ended after the page was open
		row.At = s.dayAndYear(*e.At)
		row.AtRaw = strconv.FormatInt(e.At.Unix(), 10)
	}
	if e.Value != nil {
		row.Value = tally{Text: metrics.Number(*e.Value), What: "evidence/" + k.Name, Raw: raw(e.Value)}
		if k.Kind == metrics.KindDuration {
			row.Value.Text = metrics.Duration(*e.Value)
		}
	}
	if e.Hit != nil {
		row.Hit = [...]string{"no", "yes"}[min(*e.Hit, 1)]
	}
	named := 0
	for i, ref := range e.Refs {
		if i == refsShown {
			row.MoreRefs = tallyOf("evidence/refs", len(e.Refs)-refsShown)
			break
		}
		name := s.nameOf(ref)
		if name.Text != "" && (row.Basis.mentions(name.Text) || row.Reason.mentions(name.Text)) {
			continue
		}
		if named++; named > 1 {
			row.Refs = append(row.Refs, say(", "))
		}
		row.Refs = append(row.Refs, name)
	}
	return row
}

// ValueTitle heads the values, and names their unit once.
func (p evidencePart) ValueTitle() string {
	if p.Unit == "" {
		return "Value"
	}
	return "Value, " + p.Unit
}

// Body is the rows in type. A month has hundreds of thousands of them over all
// KPIs, for which a template is twenty times too slow.
func (p evidencePart) Body() template.HTML {
	if p.set != nil {
		return template.HTML(p.set)
	}
	var b []byte
	for _, row := range p.Rows {
		b = p.appendRow(b, row)
	}
	return template.HTML(b)
}

func (p evidencePart) appendRow(b []byte, row evidenceRow) []byte {
	add := func(markup ...string) {
		for _, m := range markup {
			b = append(b, m...)
		}
	}
	add(`<tr role="row" id="`, html.EscapeString(row.ID), `"><th scope="row" role="rowheader">`, keyHTML(row.Key))
	if row.Title != "" {
		add(` <span class="said">`, string(isolated(row.Title)), `</span>`)
	}
	add(`</th>`)
	if p.Value {
		add(`<td role="cell" class="num" data-label="`, html.EscapeString(p.ValueTitle()), `" data-sort="`, html.EscapeString(row.Value.Raw), `">`, html.EscapeString(row.Value.Text), `</td>`)
	}
	if p.Hit {
		add(`<td role="cell" data-label="Hit">`, row.Hit, `</td>`)
	}
	add(`<td role="cell" class="nowrap" data-label="When" data-sort="`, row.AtRaw, `">`)
	switch {
	case row.From != "" && row.At != "":
		add(row.From, " to ", row.At)
	case row.From != "":
		add(row.From, `, <span class="faint">`, html.EscapeString(p.Lasting), `</span>`)
	default:
		add(row.At)
	}
	add(`</td>`)
	if p.Basis {
		add(`<td role="cell" data-label="Basis"><div>`, row.Basis.html())
		if len(row.Refs) > 0 {
			add(` <small class="faint">`, row.Refs.html(), `</small>`)
		}
		if row.MoreRefs.Text != "" {
			add(` <small class="faint">and `, string(row.MoreRefs.HTML()), ` more</small>`)
		}
		add(`</div></td>`)
	}
	if p.Reason {
		add(`<td role="cell" data-label="Why"><div>`, row.Reason.html(), `</div></td>`)
	}
	add("</tr>\n")
	return b
}

func keyHTML(at place) string {
	if at.URL == "" {
		return `<span class="` + keyClass(at.Text) + `">` + string(isolated(at.Text)) + `</span>`
	}
	return `<a class="` + keyClass(at.Text) + `" href="` + html.EscapeString(at.URL) + `">` + string(isolated(at.Text)) + `</a>`
}

// mentions says whether a record is named already, as a word of its own.
func (p prose) mentions(name string) bool {
	for _, one := range p {
		if one.Text == name || strings.Contains(" "+one.Text+" ", " "+name+" ") {
			return true
		}
	}
	return false
}

// html is prose as the template "pieces" sets it.
func (p prose) html() string {
	out := ""
	for _, one := range p {
		switch {
		case one.Tally != nil:
			out += string(one.Tally.HTML())
		case one.Figure != nil:
			out += string(one.Figure.HTML())
		case one.URL != "":
			out += keyHTML(place{Text: one.Text, URL: one.URL})
		case one.Name:
			out += `<b class="name">` + string(isolated(one.Text)) + `</b>`
		case one.Plain:
			out += string(isolated(one.Text))
		case one.Quote:
			out += `<q class="said">` + string(isolated(one.Text)) + `</q>`
		default:
			out += html.EscapeString(one.Text)
		}
	}
	return out
}
