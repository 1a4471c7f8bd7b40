package main

import (
	"fmt"
	"io"
	"os"

	"github.com/srekpi/srekpi/ingest"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far each source is: a bar on a terminal, and nothing
// elsewhere, where the closing line of each source says it all.
type progress struct {
	container *mpb.Progress // nil: not a terminal
	bars      map[string]*mpb.Bar
}

func newProgress(out io.Writer) *progress {
	p := &progress{bars: map[string]*mpb.Bar{}}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.container = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
	}
	return p
}

func (p *progress) show(at ingest.Progress) {
	if p.container == nil || at.Total == 0 {
		return
	}
	bar := p.bars[at.Source]
	if bar == nil {
		bar = p.container.AddBar(at.Total, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(fmt.Sprintf("ingest     %-20s ", at.Source))),
			mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.CountersKibiByte(" % .1f of % .1f")))
		p.bars[at.Source] = bar
	}
	bar.SetCurrent(at.Bytes)
}

// end takes the bars away.
func (p *progress) end() {
	if p.container == nil {
		return
	}
	for _, bar := range p.bars {
		bar.Abort(true)
	}
	p.container.Wait()
}
