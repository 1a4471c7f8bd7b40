package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonArray reads the elements of an array, or objects that stand alone.
type jsonArray struct {
	*objects
	values *jsontext.Decoder
	lines  *lineCount
}

func newJSONArray(r io.Reader, o *objects) *jsonArray {
	lines := &lineCount{r: r, line: 1}
	return &jsonArray{objects: o, values: jsontext.NewDecoder(lines, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)), lines: lines}
}

func (j *jsonArray) next(p *page) (bool, error) {
	for {
		switch kind := j.values.PeekKind(); {
		case kind == '[' && j.values.StackDepth() == 0, kind == ']':
			if _, err := j.values.ReadToken(); err != nil {
				return false, j.broken(err)
			}
			continue
		}
		raw, err := j.values.ReadValue()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, j.broken(err)
		}
		j.put(p, raw, j.lines.at(j.values.InputOffset()-int64(len(raw))))
		return true, nil
	}
}

func (j *jsonArray) broken(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case j.lines.err != nil:
		return j.lines.err
	case errors.As(err, &syntax):
		return fmt.Errorf("the JSON breaks on line %d, and nothing after it was read; export it again", j.lines.at(syntax.ByteOffset))
	}
	return err
}

// lineCount tells on which line an offset lies. Offsets must be asked for in
// their order.
type lineCount struct {
	r     io.Reader
	off   int64
	ends  []int64 // offsets of the line ends that were read but not yet passed
	line  uint64
	err   error
	spent int
}

func (l *lineCount) Read(b []byte) (int, error) {
	l.ends = append(l.ends[:0], l.ends[l.spent:]...)
	l.spent = 0
	n, err := l.r.Read(b)
	for i := 0; i < n; {
		j := bytes.IndexByte(b[i:n], '\n')
		if j < 0 {
			break
		}
		l.ends = append(l.ends, l.off+int64(i+j))
		i += j + 1
	}
	l.off += int64(n)
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

func (l *lineCount) at(offset int64) uint64 {
	for l.spent < len(l.ends) && l.ends[l.spent] < offset {
		l.spent++
		l.line++
	}
	return l.line
}
