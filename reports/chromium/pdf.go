package chromium

import (
	"bytes"
	"fmt"
	"regexp"
	"time"

	"github.com/chromedp/chromedp"
)

// PDF prints a file on A4, or on the paper that its style sheet asks for. The
// document says that it was made at the given moment, so that the same page
// gives the same bytes.
func (b *Browser) PDF(file string, made time.Time) ([]byte, error) {
	p, err := b.Open(file, View{})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	pdf, err := p.PDF(made)
	if err != nil {
		return nil, fmt.Errorf("print %s: %w", file, err)
	}
	return pdf, nil
}

// PDF prints the page: with its colours, with headings as an outline, and with
// tags for who cannot see it.
func (p *Page) PDF(made time.Time) ([]byte, error) {
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground(), chromedp.PDFOutlineAndTagged(), chromedp.PDFStream()))
	if err != nil {
		return nil, err
	}
	return dated(pdf, made)
}

var stamp = regexp.MustCompile(`/(?:CreationDate|ModDate) \(D:(\d{14}[+-]\d\d'\d\d')\)`)

// dated sets the two moments of a PDF's first object. They keep their length,
// since the file's index counts bytes.
func dated(pdf []byte, made time.Time) ([]byte, error) {
	first, _, _ := bytes.Cut(pdf, []byte("endobj"))
	found := stamp.FindAllSubmatchIndex(first, -1)
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(found) != 2 {
		return nil, fmt.Errorf("the browser made %d bytes that are no PDF as it is known", len(pdf))
	}
	text := made.UTC().Format("20060102150405") + "+00'00'"
	for _, at := range found {
		copy(pdf[at[2]:at[3]], text)
	}
	return pdf, nil
}
