package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// A page leads to the issue before it and the one after it. Which pages there
// are is known only when all are written, and the newest one of today is not the
// newest one next week: so the links are set last, in place.

// turnLine is where a page carries them; it stands once, before its first block.
var turnLine = regexp.MustCompile(`<nav class="neighbours" aria-label="Other issues">[^\n]*</nav>`)

var turnTemplate = template.Must(template.New("turn").Parse(
	`<nav class="neighbours" aria-label="Other issues">{{with .Before}}<a rel="prev" href="{{.Path}}">← {{.Label}}</a>{{end}}{{with .After}} <a rel="next" href="{{.Path}}">{{.Label}} →</a>{{end}}</nav>`))

// linkNeighbours sets the links of each page of a document, newest first. A page that has
// them already is not written.
func linkNeighbours(dir string, pages []indexed) error {
	for i, one := range pages {
		var view struct{ Before, After *indexed }
		if i > 0 {
			view.After = neighbour(pages[i-1])
		}
		if i+1 < len(pages) {
			view.Before = neighbour(pages[i+1])
		}
		var line bytes.Buffer
		if err := turnTemplate.Execute(&line, view); err != nil {
			return err
		}
		if one.Turn == line.String() {
			continue
		}
		at := filepath.Join(dir, filepath.FromSlash(one.Path))
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		span := turnLine.FindIndex(text)
		if span == nil {
			continue // of an earlier version
		}
		if err := write(at, bytes.Join([][]byte{text[:span[0]], line.Bytes(), text[span[1]:]}, nil)); err != nil {
			return fmt.Errorf("link %s to its neighbours: %w", one.Path, err)
		}
	}
	return nil
}

// neighbour is a page as another of the same folder names it.
func neighbour(one indexed) *indexed {
	one.Path = path.Base(one.Path)
	return &one
}
