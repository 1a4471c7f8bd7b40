package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/srekpi/srekpi/ingest"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far each source is: on a terminal a bar, or a count where
// the source does not say how much there is. Elsewhere a line now and then, and
// the closing line of each source says it all.
type progress struct {
	log       *slog.Logger
	container *mpb.Progress // nil: not a terminal
	bars      map[string]*mpb.Bar
	said      time.Time // when the last plain line was written
}

// every is how often a log hears of a long sync.
const every = 30 * time.Second

func newProgress(out io.Writer, log *slog.Logger) *progress {
	p := &progress{log: log, bars: map[string]*mpb.Bar{}, said: now()}
	_, people := log.Handler().(*textLog)
	if f, ok := out.(*os.File); ok && people && term.IsTerminal(int(f.Fd())) {
		p.container = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
	}
	return p
}

func (p *progress) show(at ingest.Progress) {
	if p.container == nil {
		if t := now(); t.Sub(p.said) >= every {
			p.said = t
			p.log.Info(fmt.Sprintf("%d records so far, reading %s", at.Records, at.File), logStage, "ingest", logSource, at.Source, "records", at.Records)
		}
		return
	}
	bar := p.bars[at.Source]
	name := decor.Name(fmt.Sprintf("ingest     %-20s ", at.Source))
	switch {
	case bar == nil && at.Total == 0:
		bar = p.container.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(name), mpb.AppendDecorators(decor.CurrentNoUnit("%d records")))
		p.bars[at.Source] = bar
	case bar == nil:
		bar = p.container.AddBar(at.Total, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(name),
			mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.CountersKibiByte(" % .1f of % .1f")))
		p.bars[at.Source] = bar
	}
	if at.Total == 0 {
		bar.SetCurrent(int64(at.Records))
	} else {
		bar.SetCurrent(at.Bytes)
	}
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
