package ingest

import (
	"bytes"
	"io"
)

// longest is the longest record that is read; it bounds the memory that a
// damaged file can take.
const longest = 16 << 20

// window is the part of a text that is in memory: buf[pos:end] is unread.
type window struct {
	r        io.Reader
	buf      []byte
	pos, end int
	line     uint64 // of buf[pos], from 1
	eof      bool
	err      error // other than io.EOF
	size     int   // to begin with; tests make it small
	longest  int
}

func newWindow(r io.Reader) *window {
	return &window{r: r, line: 1, size: 512 << 10, longest: longest}
}

// more reads on, to at least twice what is unread, so that rescanning a long
// record stays linear. False when nothing new was learnt: the end was known, or
// there is no more room.
func (w *window) more() bool {
	if w.eof || w.end-w.pos >= w.longest {
		return false
	}
	unread := w.end - w.pos
	if need := max(w.size, min(2*unread, w.longest+w.size)); need > len(w.buf) {
		grown := make([]byte, need)
		copy(grown, w.buf[w.pos:w.end])
		w.buf = grown
	} else {
		copy(w.buf, w.buf[w.pos:w.end])
	}
	w.pos, w.end = 0, unread
	for w.end < len(w.buf) && !w.eof {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		if err != nil {
			w.eof = true
			if err != io.EOF {
				w.err = err
			}
		}
	}
	return true
}

// lineEnd is the index after the line that begins at pos; ok is false for a
// line that is too long to hold.
func (w *window) lineEnd() (end int, ok bool) {
	seen := 0
	for {
		if i := bytes.IndexByte(w.buf[w.pos+seen:w.end], '\n'); i >= 0 {
			return w.pos + seen + i + 1, seen+i <= w.longest
		}
		seen = w.end - w.pos
		if !w.more() {
			return w.end, w.eof
		}
	}
}

// take moves past the text up to end, which holds a number of line ends.
func (w *window) take(end int, lines int) {
	w.pos = end
	w.line += uint64(lines)
}

// skipLine moves past a line that is too long to hold.
func (w *window) skipLine() {
	for {
		if i := bytes.IndexByte(w.buf[w.pos:w.end], '\n'); i >= 0 {
			w.take(w.pos+i+1, 1)
			return
		}
		w.pos = w.end
		if !w.more() {
			return
		}
	}
}

// brokenOff says that the text up to end was cut by a read error, so that its
// last line may not be whole.
func (w *window) brokenOff(end int) bool {
	return w.err != nil && end == w.end && (end == w.pos || w.buf[end-1] != '\n')
}

// trimLine drops a line's end.
func trimLine(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}
