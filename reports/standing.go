package reports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/metrics"
)

// standingFile is where a site keeps of what its pages were made.
const standingFile = ".pages.json"

// Standing knows of what each page below Options.Dir was made, so that one that
// would come out the same is left as it lies there. What it does not know, or
// finds changed by another hand, is written anew.
type Standing struct {
	options Options
	from    string // what every page follows from

	mu    sync.Mutex
	pages map[string]standingPage // by path
}

// standingPage is a page that was written.
type standingPage struct {
	From  string `json:"from"`  // hash of what it follows from
	Is    string `json:"is"`    // hash of what was written
	State string `json:"state"` // draft, issued or rebuilt
}

// OpenStanding reads what a site keeps, and of what its pages would be made now.
func OpenStanding(ctx context.Context, conn driver.Conn, o Options) (*Standing, error) {
	s := &Standing{options: o, pages: map[string]standingPage{}}
	var err error
	if s.from, err = pagesFrom(ctx, conn, o); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.file())
	if err == nil {
		err = json.Unmarshal(text, &s.pages)
	}
	if err != nil { // it is a memory only: without it all is written
		s.pages = map[string]standingPage{}
	}
	return s, nil
}

func (s *Standing) file() string { return filepath.Join(s.options.Dir, standingFile) }

// pagesFrom names the program, the options and all that pages read: the build,
// which names its own rows, and what lies beside it.
func pagesFrom(ctx context.Context, conn driver.Conn, o Options) (string, error) {
	h := sha256.New()
	if program, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintln(h, program)
	}
	if self, err := os.Executable(); err == nil {
		if info, err := os.Stat(self); err == nil { // two builds of a changed checkout have the same name
			fmt.Fprintln(h, info.Size(), info.ModTime().UnixNano())
		}
	}
	o.Dir = "" // wherever the site stands
	fmt.Fprintf(h, "%+v\n", o)
	var beside string
	err := conn.QueryRow(ctx, `SELECT concat(
		(SELECT toString(tuple(max(id), argMax(definition, id), argMax(ended_at, id))) FROM builds),
		(SELECT toString(max(run_id)) FROM raw_records),
		(SELECT toString(groupBitXor(cityHash64(toString(tuple(*))))) FROM published_values),
		(SELECT toString(groupBitXor(cityHash64(toString(tuple(*))))) FROM published_definitions),
		(SELECT toString(groupBitXor(cityHash64(toString(tuple(*))))) FROM quarantine))`).Scan(&beside)
	if err != nil {
		return "", fmt.Errorf("read what the pages follow from: %w", err)
	}
	fmt.Fprintln(h, beside)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pageFrom adds to what every page follows from what one does.
func (s *Standing) pageFrom(document string, p metrics.Period, issued *metrics.Issue) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %s %d %d\n", s.from, document, p.Kind, p.Slug(), p.StartsAt.UnixNano(), p.EndsAt.UnixNano())
	if issued != nil {
		fmt.Fprintln(h, issued.IssuedAt.UnixMilli(), issued.DataAsOf.UnixMilli(), issued.Definition)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Stands gives the state of a page that would come out as it lies there; ok is
// false where it has to be written.
func (s *Standing) Stands(document string, p metrics.Period, issued *metrics.Issue) (state string, ok bool) {
	path := pagePath(document, p)
	s.mu.Lock()
	page, known := s.pages[path]
	s.mu.Unlock()
	if !known || page.From != s.pageFrom(document, p, issued) {
		return "", false
	}
	is, err := s.lies(document, p)
	return page.State, err == nil && is == page.Is
}

// Wrote notes a page that was just written.
func (s *Standing) Wrote(page *Page, issued *metrics.Issue) error {
	is, err := s.lies(page.Document, page.Period)
	if err != nil {
		return fmt.Errorf("note %s: %w", page.Path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[page.Path] = standingPage{From: s.pageFrom(page.Document, page.Period, issued), Is: is, State: page.State}
	return nil
}

// Issued says that a report was issued: pages follow from another record now,
// those that were written before as well.
func (s *Standing) Issued(ctx context.Context, conn driver.Conn) (err error) {
	s.from, err = pagesFrom(ctx, conn, s.options)
	return err
}

// lies is a hash of a page and of the evidence beside it. The links to its
// neighbours follow from those, and do not count.
func (s *Standing) lies(document string, p metrics.Period) (string, error) {
	file := filepath.Join(s.options.Dir, filepath.FromSlash(pagePath(document, p)))
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(turnLine.ReplaceAll(text, nil))
	dir := filepath.Join(filepath.Dir(file), evidenceFolder(p))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, entry := range entries { // sorted by name
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%q %d\n", entry.Name(), len(text))
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Save keeps what is known, once all is written. Pages that were deleted are
// forgotten.
func (s *Standing) Save() error {
	for path := range s.pages {
		if _, err := os.Stat(filepath.Join(s.options.Dir, filepath.FromSlash(path))); errors.Is(err, fs.ErrNotExist) {
			delete(s.pages, path)
		}
	}
	text, err := json.MarshalIndent(s.pages, "", " ")
	if err == nil {
		err = write(s.file(), text)
	}
	if err != nil {
		return fmt.Errorf("keep of what the pages were made: %w", err)
	}
	return nil
}
