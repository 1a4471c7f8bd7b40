package reports

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
)

// block is one answer of a page: what it reads, what it says, and a template
// that bears its name.
type block struct {
	name, title string
	answer      func(context.Context, *sheet) (*answer, error)
}

// answer is what a block has to say for one period. Quiet and Unasked stand
// instead of a view: nothing happened, or nothing was configured that could tell.
type answer struct {
	Lead    string // the sentence under the heading, where it has no number
	Told    prose  // the same with numbers in it
	View    any
	Quiet   string // "no incident began in this week"
	Calm    prose  // the same with numbers: "none of 14 changes is known to have hurt"
	Unasked string // "add a source with entity: change to srekpi.yml"
	Hidden  bool   // nothing to say at all
}

// lead is the sentence under the heading, calm the one that stands alone.
func (a *answer) lead() prose { return append(pieces(a.Lead), a.Told...) }
func (a *answer) calm() prose { return append(pieces(a.Quiet), a.Calm...) }

// section is an answer as the page sets it.
type section struct {
	ID, Title string
	Lead      prose
	Body      template.HTML
	Listed    bool // in the contents
	Opens     bool // the appendix, which paper sets apart
}

//go:embed templates/*.html
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"list": func(items ...any) []any { return items },
	"bdi":  isolated,
	"key":  keyClass,
}).ParseFS(templateFiles, "templates/*.html"))

// set puts an answer's view into the template of its block.
func set(name string, view any) (template.HTML, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("set block %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

// remark is one of the sentences to which the quiet blocks shrink.
type remark struct {
	ID, Title string
	Text      prose
}

// sections asks every block in the document's order. Those that have nothing to
// show are gathered before the appendix, each in a line.
func (s *sheet) sections(ctx context.Context, d document) ([]section, error) {
	var out, appendix []section
	var quiet, unasked []remark
	for _, b := range append(append([]block{}, d.blocks...), d.appendix...) {
		a, err := b.answer(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", b.name, err)
		}
		switch {
		case a == nil || a.Hidden:
			continue
		case len(a.calm()) > 0:
			quiet = append(quiet, remark{b.name, b.title, a.calm()})
			continue
		case a.Unasked != "":
			unasked = append(unasked, remark{b.name, b.title, pieces(a.Unasked)})
			continue
		}
		body, err := set(b.name, a.View)
		if err != nil {
			return nil, err
		}
		one := section{ID: b.name, Title: b.title, Lead: a.lead(), Body: body, Listed: true}
		if d.isAppendix(b.name) {
			appendix = append(appendix, one)
		} else {
			out = append(out, one)
		}
	}
	for _, group := range []struct {
		id, title string
		remarks   []remark
	}{{"quiet", "Looked at, nothing to act on", quiet}, {"unasked", "Not collected", unasked}} {
		if len(group.remarks) == 0 {
			continue
		}
		body, err := set("remarks", group.remarks)
		if err != nil {
			return nil, err
		}
		out = append(out, section{ID: group.id, Title: group.title, Body: body, Listed: true})
	}
	if len(appendix) > 0 {
		appendix[0].Opens = true
	}
	return append(out, appendix...), nil
}
