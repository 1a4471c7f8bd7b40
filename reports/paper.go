package reports

import (
	"fmt"
	"html/template"
	"path/filepath"
	"strings"

	"github.com/srekpi/srekpi/reports/chromium"
)

// WritePDF prints a page that was written below o.Dir, named as Page.Path names
// it, and returns the path of the PDF beside it. The file is complete or not there.
func WritePDF(in *chromium.Browser, o Options, page string) (string, error) {
	pdf, err := in.PDF(filepath.Join(o.Dir, filepath.FromSlash(page)), o.AsOf)
	if err != nil {
		return "", err
	}
	path := strings.TrimSuffix(page, ".html") + ".pdf"
	if err := write(filepath.Join(o.Dir, filepath.FromSlash(path)), pdf); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, nil
}

// Running is what stands above each printed sheet after the first: a string of
// the style sheet, in which only letters and digits stand for themselves.
func (h head) Running() template.CSS {
	parts := []string{h.Title, h.Label, h.State.Word}
	if h.Whose != "" {
		parts = append([]string{h.Whose}, parts...)
	}
	var b strings.Builder
	for _, r := range strings.Join(parts, " · ") {
		if r == ' ' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\%x `, r) // the space ends the number
		}
	}
	return template.CSS(`"` + b.String() + `"`)
}
