package prompt

import (
	"io"
	"regexp"
	"strconv"
	"strings"
)

// rowCount reads out of a result how many rows it has, from its end: the engine says so in what it prints for people.
type rowCount struct {
	out   io.Writer
	tail  []byte
	lines int
}

const tailSize = 64 << 10

func (r *rowCount) Write(p []byte) (int, error) {
	r.tail = append(r.tail, p...)
	if extra := len(r.tail) - tailSize; extra > 0 {
		r.tail = r.tail[extra:]
	}
	for _, c := range p {
		if c == '\n' {
			r.lines++
		}
	}
	return r.out.Write(p)
}

var (
	numbered = regexp.MustCompile(`(?m)^\s*(?:\x1b\[\d*m)?\s*(\d+)\. (?:\x1b\[0m)?[│┃]`)
	cutShort = regexp.MustCompile(`Showed \d+ out of (\d+) rows`)
	vertical = regexp.MustCompile(`(?m)^Row (\d+):$`)
)

// rows is how many, ok when the format tells.
func (r *rowCount) rows(format string) (n int, ok bool) {
	switch format {
	case "TSV", "TabSeparated", "JSONEachRow", "JSONCompactEachRow", "JSONLines", "NDJSON":
		return r.lines, true // line breaks in values are escaped
	}
	if r.lines == 0 && strings.HasPrefix(format, "Pretty") {
		return 0, true
	}
	for _, pattern := range []*regexp.Regexp{cutShort, numbered, vertical} {
		if all := pattern.FindAllSubmatch(r.tail, -1); all != nil {
			n, err := strconv.Atoi(string(all[len(all)-1][1]))
			return n, err == nil
		}
	}
	return 0, false
}
