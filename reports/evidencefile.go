package reports

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/srekpi/srekpi/metrics"
)

// Where a page cannot hold all rows of a KPI, all of them stand in files of a
// folder beside it, as many rows a file as a browser sorts at once, and so much
// markup that the file stays under 2 MB.
const (
	fileRows  = 2000
	fileBytes = 1_700_000
)

// evidenceFolder stands beside a page: weekly/2026-10-05-evidence.
func evidenceFolder(p metrics.Period) string { return p.Slug() + "-evidence" }

var plainName = regexp.MustCompile(`^[a-z0-9_]+$`)

// evidenceName is the file of a part of a KPI's rows: the first has no number.
func evidenceName(kpi string, part int) string {
	if !plainName.MatchString(kpi) {
		kpi = anchor("kpi", kpi)
	}
	if part > 1 {
		kpi += "-" + strconv.Itoa(part)
	}
	return kpi + ".html"
}

// evidenceView is one such file.
type evidenceView struct {
	Title          string // of the KPI
	Name           string
	Document       string
	Label          string
	State          state
	Said           prose // which rows these are
	Summary        prose
	Back           string
	Previous, Next string
	Parts          []evidencePart
	Policy         string
	Style          template.CSS
	Starter        template.JS
}

// readAtOnce is how many rows of all KPIs together are held in memory, read by one
// query and named by another. More are read KPI by KPI, as they are written.
const readAtOnce = 20_000

// filesAtOnce is how many KPIs are written at a time: most of it is waiting for
// the engine and the disk.
const filesAtOnce = 4

// evidenceFiles writes all rows of the KPIs that the page cut, each file complete
// or not there. It returns their names.
func (s *sheet) evidenceFiles(ctx context.Context, d document, dir string) (map[string]bool, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		all     sync.WaitGroup
		slots   = make(chan struct{}, filesAtOnce)
		mu      sync.Mutex
		written = map[string]bool{}
	)
	held, names, err := s.fewRows(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range s.overflow {
		count := s.evidence[k.Name].count // read for the page
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			files, err := s.evidenceOfKPI(ctx, d, k, count, dir, held, names)
			if err != nil {
				cancel(fmt.Errorf("write evidence of %s: %w", k.Name, err))
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, name := range files {
				written[name] = true
			}
		})
	}
	all.Wait()
	return written, context.Cause(ctx)
}

// fewRows reads the rows of all KPIs that the page cut, with the names of the
// records that they refer to, when there are few; nil when there are many.
func (s *sheet) fewRows(ctx context.Context) (map[string][]metrics.Evidence, map[string]place, error) {
	var kpis []string
	total := 0
	for _, k := range s.overflow {
		kpis = append(kpis, k.Name)
		for _, n := range s.evidence[k.Name].count {
			total += n
		}
	}
	if total == 0 || total > readAtOnce {
		return nil, nil, nil
	}
	held, err := metrics.EvidenceOf(ctx, s.conn, kpis, s.period)
	if err != nil {
		return nil, nil, err
	}
	own := *s
	err = own.readNamesOf(ctx, slices.Concat(slices.Collect(maps.Values(held))...))
	return held, own.names, err
}

// evidenceWriter sets the rows of a KPI into files as they come.
type evidenceWriter struct {
	*sheet
	view    evidenceView
	kpi     metrics.KPI
	dir     string
	count   [metrics.Fates]int
	named   bool // the names of all rows are known
	batch   []metrics.Evidence
	rows    int      // in the files so far
	written []string // their names
}

func (s *sheet) evidenceOfKPI(ctx context.Context, d document, k metrics.KPI, count [metrics.Fates]int, dir string, held map[string][]metrics.Evidence, names map[string]place) ([]string, error) {
	own := *s // with names of its own, which are looked up file by file
	own.names = names
	w := evidenceWriter{sheet: &own, kpi: k, named: held != nil, dir: dir, count: count,
		view: evidenceView{Title: k.Title, Name: k.Name, Document: d.title, Label: s.period.Label, State: s.state(),
			Summary: fatesOf(k, count), Back: "../" + s.period.Slug() + ".html#evidence-" + k.Name}}
	var err error
	if w.view.Style, w.view.Starter, err = ownAssets(); err != nil {
		return nil, err
	}
	w.view.Policy = policy(string(w.view.Style), string(w.view.Starter))
	gather := func(e metrics.Evidence) error {
		if len(w.batch) == fileRows {
			if err := w.flush(ctx, true); err != nil {
				return err
			}
		}
		w.batch = append(w.batch, e)
		return nil
	}
	if held == nil {
		err = metrics.EachEvidence(ctx, s.conn, k.Name, s.period, gather)
	}
	for _, e := range held[k.Name] {
		if err == nil {
			err = gather(e)
		}
	}
	if err != nil {
		return nil, err
	}
	err = w.flush(ctx, false)
	return w.written, err
}

// flush writes what has gathered: one file, or more where the rows are long.
func (w *evidenceWriter) flush(ctx context.Context, more bool) error {
	if !w.named {
		if err := w.readNamesOf(ctx, w.batch); err != nil {
			return err
		}
	}
	// One part a fate; the rows come fate by fate.
	var parts []evidencePart
	for from := 0; from < len(w.batch); {
		f, to := w.fate(w.kpi, w.batch[from]), from
		for to < len(w.batch) && w.fate(w.kpi, w.batch[to]) == f {
			to++
		}
		parts = append(parts, w.evidencePart(w.kpi, f, w.batch[from:to], w.count[f]))
		from = to
	}
	w.batch = w.batch[:0]
	var file []evidencePart
	size, rows := 0, 0
	end := func(more bool) error {
		if err := w.write(file, rows, more); err != nil {
			return err
		}
		file, size, rows = nil, 0, 0
		return nil
	}
	for _, part := range parts {
		all := part.Rows
		part.Rows = nil
		begun := false
		for _, row := range all {
			line := part.appendRow(nil, row)
			if rows > 0 && size+len(line) > fileBytes {
				if err := end(true); err != nil {
					return err
				}
				begun = false
			}
			if !begun {
				file, begun = append(file, part), true
			}
			one := &file[len(file)-1]
			one.set = append(one.set, line...)
			one.here++
			size += len(line)
			rows++
		}
	}
	return end(more)
}

// write sets one file.
func (w *evidenceWriter) write(parts []evidencePart, rows int, more bool) error {
	part := len(w.written) + 1
	view := w.view
	view.Parts = parts
	for i := range view.Parts {
		one := &view.Parts[i]
		if one.Here = tallyOf("evidence/here", one.here); one.Here.Raw == one.Count.Raw {
			one.Here = tally{}
		}
	}
	total := 0
	for _, n := range w.count {
		total += n
	}
	view.Said = tell("All %s rows", tallyOf("evidence/all", total))
	if part > 1 || more {
		view.Said = tell("Rows %s to %s of %s", tallyOf("evidence/from", w.rows+1), tallyOf("evidence/to", w.rows+rows), tallyOf("evidence/all", total))
	}
	w.rows += rows
	if part > 1 {
		view.Previous = evidenceName(w.kpi.Name, part-1)
	}
	if more {
		view.Next = evidenceName(w.kpi.Name, part+1)
	}
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "evidence-file", view); err != nil {
		return fmt.Errorf("set the rows: %w", err)
	}
	name := evidenceName(w.kpi.Name, part)
	w.written = append(w.written, name)
	return write(filepath.Join(w.dir, name), b.Bytes())
}

// removeStale takes away the evidence files of an earlier rendering, and the
// folder when nothing is left in it. What else lies there is somebody's own.
func removeStale(dir string, keep map[string]bool) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	left := 0
	for _, file := range files {
		path := filepath.Join(dir, file.Name())
		if keep[file.Name()] || !file.Type().IsRegular() || !isEvidenceFile(path) {
			left++
			continue
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	if left == 0 {
		return os.Remove(dir)
	}
	return nil
}

const evidenceMeta = `<meta name="srekpi:evidence" content="`

// isEvidenceFile tells by what it says of itself before its style.
func isEvidenceFile(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "<style>") {
		if strings.HasPrefix(lines.Text(), evidenceMeta) {
			return true
		}
	}
	return false
}
