package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/srekpi/srekpi/configs"
)

// fileSource is one source of files in one run.
type fileSource struct {
	*run
	*configs.Source
	result *SourceResult

	way     string
	counter uint64 // rows landed by this run from this source: the lower half of seq
	moves   uint64
	dealt   int64 // bytes of the files before the current one
	total   int64
	found   map[mistake]bool // in this reading of the current file; nil when it did not start at the beginning
	pages   [2]page          // one is filled while the other lands
}

// file is one of a source's files.
type file struct {
	path   string // absolute
	stream string // below the config's folder, with forward slashes
	size   int64
}

// read reads what is new. What is wrong with a file is added to the result; the
// error is one that ends the run.
func (s *fileSource) read(ctx context.Context) error {
	files := s.files()
	s.result.Files = len(files)
	positions, err := s.positions(ctx, s.Name)
	if err != nil {
		return err
	}
	s.way = way(s.Source)
	var upTo uint64 // seq that the files so far have reached
	for _, f := range files {
		if ctx.Err() != nil {
			return nil
		}
		from, err := s.start(ctx, f, positions, upTo)
		switch {
		case err != nil:
			s.fault(f, err)
		case from.Done:
			s.result.Unchanged++
			if from.Rows == 0 {
				s.warnEmpty(f)
			}
		default:
			if from, err = s.readFile(ctx, f, from); err != nil {
				return err
			}
		}
		s.dealt += f.size
		upTo = max(upTo, from.End)
	}
	return nil
}

// start is the position at which a file is to be read: its beginning, where a
// run that died left it, or its end.
func (s *fileSource) start(ctx context.Context, f file, positions map[string]position, upTo uint64) (position, error) {
	seq := s.seq()
	fresh := position{Begin: seq, End: seq, Way: s.way}
	p, known := positions[f.stream]
	fresh.Stale = known && (p.Stale || p.Way != s.way)
	switch {
	case !known, s.o.Full, p.Way != s.way:
		return fresh, nil
	case s.Latest == "" && p.Begin < upTo:
		return fresh, nil // an earlier file was read after it, and must not win
	}
	if holds, err := p.holds(ctx, f.path, f.size); err != nil || !holds {
		return fresh, err
	}
	return p, nil
}

// seq is that of the next row.
func (s *fileSource) seq() uint64 { return s.id<<32 | s.counter }

// fault adds what is wrong with a file to the source's error.
func (s *fileSource) fault(f file, err error) {
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w; give this user the right to read it", err)
	}
	s.result.Err = errors.Join(s.result.Err, fmt.Errorf("ingest %s: %s: %w", s.Name, f.stream, err))
}

func (s *fileSource) warnEmpty(f file) {
	s.result.Warnings = append(s.result.Warnings, f.stream+" holds no records; check the export if that is a surprise")
}

// files are all that the source's patterns match, in the order of their paths.
func (s *fileSource) files() []file {
	var files []file
	for _, pattern := range s.Paths {
		// Only the pattern may hold wildcards, not the folder above it.
		base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
		root := s.cfg.Resolve(base)
		matches, err := doublestar.Glob(os.DirFS(root), rest, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.result.Err = errors.Join(s.result.Err, fmt.Errorf("ingest %s: look for %s: %w; give this user the right to read the folder", s.Name, filepath.Join(root, rest), err))
			continue
		}
		if len(matches) == 0 {
			s.result.Err = errors.Join(s.result.Err, fmt.Errorf("ingest %s: there is no file %s; put the export there, or mend path in %s",
				s.Name, filepath.Join(root, filepath.FromSlash(rest)), s.cfg.File()))
			continue
		}
		for _, m := range matches {
			f := file{path: filepath.Join(root, filepath.FromSlash(m))}
			stream, err := filepath.Rel(s.cfg.Dir(), f.path)
			if err != nil {
				stream = f.path // on another volume
			}
			f.stream = s.forgotten.Text(filepath.ToSlash(stream))
			if info, err := os.Stat(f.path); err == nil {
				f.size = info.Size()
			}
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	files = slices.CompactFunc(files, func(a, b file) bool { return a.path == b.path })
	for _, f := range files {
		s.total += f.size
	}
	return files
}

// errEmpty says that a file has no records to begin with.
var errEmpty = errors.New("the file is empty")

// records opens the file's text and returns what puts its next record on a page.
func (s *fileSource) records(f file, r io.Reader) (func(*page) (bool, error), error) {
	text, err := decoded(r, f.path, s.Encoding)
	if err != nil {
		return nil, err
	}
	switch s.Format {
	case configs.FormatJSONL:
		j := &jsonLines{window: newWindow(text), objects: newObjects(f.stream, s.Source)}
		return j.next, nil
	case configs.FormatJSON:
		return newJSONArray(text, newObjects(f.stream, s.Source)).next, nil
	}
	t, err := newTable(text, f.stream, s.Source)
	if err == io.EOF {
		return nil, errEmpty
	}
	if err != nil {
		return nil, err
	}
	return t.next, nil
}
