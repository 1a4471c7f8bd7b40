package forget

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Trace is a file outside the warehouse that bears a name.
type Trace struct {
	File string
	Line int       // where; 0: somewhere in it
	At   time.Time // of one that cannot be read as text, when it was made: it may bear a name
}

// readable are the endings of files that are text.
var readable = []string{".html", ".md", ".json", ".eml", ".csv", ".tsv", ".txt", ".xml", ".svg", ".yml", ".yaml", ".js", ".css", ".prom"}

// Traces are the files below a folder that bear a name or, being no text, may bear one. A folder that is not there
// has none.
func (l *List) Traces(dir string) ([]Trace, error) {
	var found []Trace
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		ending := strings.ToLower(filepath.Ext(path))
		if !slices.Contains(readable, ending) {
			found = append(found, Trace{File: path, At: info.ModTime()})
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bears := l.Holds(text) || l.Holds([]byte(path))
		if ending == ".eml" && !bears {
			// Its parts are encoded, with lines broken inside words.
			plain, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(text)))
			bears = l.Holds(plain)
		}
		if bears {
			found = append(found, Trace{File: path})
		}
		return nil
	})
	if err != nil {
		return found, fmt.Errorf("look for a name in %s: %w", dir, err)
	}
	return found, nil
}

// longestLine is how much of a text is looked at in one piece.
const longestLine = 64 << 20

// Lines are the lines of a text that bear a name, at most so many.
func (l *List) Lines(text io.Reader, most int) ([]int, error) {
	var lines []int
	s := bufio.NewScanner(text)
	s.Buffer(nil, longestLine)
	for n := 1; len(lines) < most && s.Scan(); n++ {
		if l.Holds(s.Bytes()) {
			lines = append(lines, n)
		}
	}
	return lines, s.Err()
}
