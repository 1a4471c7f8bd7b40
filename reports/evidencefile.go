package reports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/srekpi/srekpi/metrics"
)

// Where a page cannot hold all rows of a KPI, as many as a browser sorts at once
// stand in a folder beside it: the first of each fate, in the order of the page. A
// month of a large company has hundreds of thousands, which nobody reads in a
// browser and everybody would wait for; the file prints the command that lists them.
// Long rows are parted, so that no file grows over 2 MB.
const (
	fileRows  = 1000
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
	More           prose  // of those that are not here, and
	SQL            string `view:"key"` // how to list them all
	Back           string
	Previous, Next string
	Parts          []evidencePart
	Policy         string
	Style          template.CSS
	Starter        template.JS
}

// filesAtOnce is how many KPIs are written at a time: half of it is waiting for
// the disk.
const filesAtOnce = 4

// evidenceFiles writes the rows of the KPIs that the page cut, each file complete
// or not there. It returns their names.
func (s *sheet) evidenceFiles(d document, dir string) (map[string]bool, error) {
	var (
		all     errgroup.Group
		files   = make([][]string, len(s.overflow))
		written = map[string]bool{}
	)
	all.SetLimit(filesAtOnce)
	for i, k := range s.overflow {
		all.Go(func() (err error) {
			if files[i], err = s.evidenceOfKPI(d, k, dir); err != nil {
				return fmt.Errorf("write evidence of %s: %w", k.Name, err)
			}
			return nil
		})
	}
	err := all.Wait()
	for _, name := range slices.Concat(files...) {
		written[name] = true
	}
	return written, err
}

// evidenceWriter sets the rows of a KPI into files.
type evidenceWriter struct {
	view    evidenceView
	kpi     metrics.KPI
	dir     string
	here    int // rows in all files
	rows    int // in the files so far
	total   int
	written []string // their names
}

func (s *sheet) evidenceOfKPI(d document, k metrics.KPI, dir string) ([]string, error) {
	behind := s.evidence[k.Name] // read for the page
	w := evidenceWriter{kpi: k, dir: dir, total: behind.total(),
		view: evidenceView{Title: k.Title, Name: k.Name, Document: d.title, Label: s.period.Label, State: s.state(),
			Summary: fatesOf(k, behind.count), Back: "../" + s.period.Slug() + ".html#evidence-" + k.Name}}
	var err error
	if w.view.Style, w.view.Starter, err = ownAssets(); err != nil {
		return nil, err
	}
	w.view.Policy = policy(string(w.view.Style), string(w.view.Starter))
	var parts []evidencePart
	for f, rows := range s.cut(k, behind, fileRows) {
		if len(rows) > 0 {
			parts = append(parts, s.evidencePart(k, metrics.Fate(f), rows, behind.count[f]))
			w.here += len(rows)
		}
	}
	if w.here < w.total {
		w.view.More, w.view.SQL = tell("All %s rows:", tallyOf("evidence/all", w.total)), s.evidenceSQL(k)
	}
	err = w.set(parts)
	return w.written, err
}

// set writes one file, or more where the rows are long.
func (w *evidenceWriter) set(parts []evidencePart) error {
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
	return end(false)
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
	all := tallyOf("evidence/all", w.total)
	switch {
	case part > 1 || more:
		view.Said = tell("Rows %s to %s of %s", tallyOf("evidence/from", w.rows+1), tallyOf("evidence/to", w.rows+rows), all)
	case w.here < w.total:
		view.Said = tell("The first %s of %s rows", tallyOf("evidence/here", w.here), all)
	default:
		view.Said = tell("All %s rows", all)
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
