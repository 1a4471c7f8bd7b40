package ingest

import (
	"bytes"
)

// csvText cuts CSV into records. encoding/csv is not used for two reasons: a
// quotation mark that is opened and never closed makes it swallow the rest of
// the file, where here one row is lost; and a million rows take it longer than
// the engine needs to store them.
type csvText struct {
	*window
	delimiter byte
	cells     []cell
	record    []byte // the whole record, without its line end
	at        uint64 // line on which it begins
}

// cell is one value: record[from:to], in which doubled quotation marks stand
// for one when quoted is set.
type cell struct {
	from, to int
	quoted   bool
}

// ending is how cutting a record ends.
type ending int

const (
	cutRecord  ending = iota
	cutEnd            // there is no further record
	cutOpen           // a quotation mark is opened and never closed: record is the one line
	cutTooLong        // record is the beginning of it
)

// cut cuts the next record; what it leaves in cells and record is valid until
// the following call.
func (c *csvText) cut() ending {
	for {
		end, ok := c.lineEnd()
		if !ok {
			c.at = c.line
			c.record = bytes.Clone(c.buf[c.pos:min(c.end, c.pos+4096)])
			c.skipLine()
			return cutTooLong
		}
		if end == c.pos || c.brokenOff(end) {
			return cutEnd
		}
		line := c.buf[c.pos:end]
		c.at = c.line
		c.record = trimLine(line)
		if len(c.record) == 0 {
			c.take(end, 1)
			continue // an empty line is no record
		}
		if bytes.IndexByte(line, '"') < 0 {
			c.plain()
			c.take(end, 1)
			return cutRecord
		}
		return c.quoted()
	}
}

// plain cuts a line without quotation marks.
func (c *csvText) plain() {
	c.cells = c.cells[:0]
	from := 0
	for {
		i := bytes.IndexByte(c.record[from:], c.delimiter)
		if i < 0 {
			c.cells = append(c.cells, cell{from: from, to: len(c.record)})
			return
		}
		c.cells = append(c.cells, cell{from: from, to: from + i})
		from += i + 1
	}
}

// quoted cuts a record that may go on over several lines, reading more until
// it is whole.
func (c *csvText) quoted() ending {
	for {
		length, lines, state := c.scan(c.buf[c.pos:c.end])
		switch {
		case state == scanned && c.brokenOff(c.pos+length):
			return cutEnd
		case state == scanned:
			c.record = trimLine(c.buf[c.pos : c.pos+length])
			c.take(c.pos+length, lines)
			return cutRecord
		case state == needsMore && c.more():
			continue
		case state == needsMore && c.err != nil:
			return cutEnd
		}
		// One line is lost; the next may be sound.
		end, _ := c.lineEnd()
		c.record = trimLine(c.buf[c.pos:end])
		c.take(end, 1)
		return cutOpen
	}
}

type scanState int

const (
	scanned scanState = iota
	needsMore
	stray
)

// scan finds the cells of the record that text begins with, its length and its
// line ends. A quotation mark inside a quoted value counts as text as long as
// the value stays on its line; after that it is a sign that an earlier one was
// never closed.
func (c *csvText) scan(text []byte) (length, lines int, state scanState) {
	c.cells = c.cells[:0]
	for i := 0; ; {
		if i < len(text) && text[i] == '"' {
			from, crossed := i+1, 0
			i++
			for open := true; open; {
				j := bytes.IndexByte(text[i:], '"')
				if j < 0 {
					return 0, 0, needsMore
				}
				crossed += bytes.Count(text[i:i+j], []byte{'\n'})
				j += i
				switch rest := text[j+1:]; {
				case len(rest) == 0 && !c.eof, len(rest) == 1 && rest[0] == '\r' && !c.eof:
					return 0, 0, needsMore
				case len(rest) > 0 && rest[0] == '"':
					i = j + 2
				case len(rest) == 0, rest[0] == c.delimiter, rest[0] == '\n', rest[0] == '\r' && (len(rest) == 1 || rest[1] == '\n'):
					c.cells = append(c.cells, cell{from, j, true})
					i, open = j+1, false
				case crossed > 0:
					return 0, 0, stray
				default:
					i = j + 1
				}
			}
			lines += crossed
		} else {
			from := i
			j := bytes.IndexAny(text[i:], string([]byte{c.delimiter, '\n'}))
			if j < 0 {
				if !c.eof {
					return 0, 0, needsMore
				}
				j = len(text) - i
			}
			i += j
			to := i
			if (i == len(text) || text[i] == '\n') && to > from && text[to-1] == '\r' {
				to--
			}
			c.cells = append(c.cells, cell{from: from, to: to})
		}
		if i < len(text) && text[i] == '\r' {
			i++ // of the line's end, after a quoted value
		}
		switch {
		case i >= len(text):
			return i, lines, scanned
		case text[i] == '\n':
			return i + 1, lines + 1, scanned
		}
		i++ // the delimiter
	}
}

// text is a cell's value.
func (c *csvText) text(i int) []byte {
	v := c.record[c.cells[i].from:c.cells[i].to]
	if c.cells[i].quoted && bytes.IndexByte(v, '"') >= 0 {
		return bytes.ReplaceAll(v, []byte(`""`), []byte(`"`))
	}
	return v
}
