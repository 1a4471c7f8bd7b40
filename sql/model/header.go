package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// header is the comment block that opens a model file.
type header struct {
	file   string
	values map[string]string
	lines  map[string]int   // where a key stands, for errors
	rows   map[string][]int // where each line of its value stands
	body   string           // the SQL below
}

var (
	headerKey  = regexp.MustCompile(`^-- ([a-z_]+):(?:\s+(.*))?$`)
	headerMore = regexp.MustCompile(`^--\s{2,}(\S.*)$`)
)

// The keys of each layer's headers; the first names the layer.
var headerKeys = map[Layer][]string{
	Staging: {"staging", "title", "type", "entity", "fields", "extract", "only", "again", "fills", "reads", "note"},
	Mart:    {"mart", "title", "grain", "key", "reads", "tests", "columns", "also", "note"},
	KPIs: {"kpi", "title", "also", "asks", "kind", "entity", "better", "counts", "excludes",
		"dims", "ended", "unit", "stock", "reads", "source", "tests", "note"},
	Functions: {"function", "title", "args", "gives", "source", "example", "note"},
	Views:     {"view", "title", "also", "asks", "grain", "params", "columns", "reads", "example", "note"},
	Examples:  {"example", "title", "asks", "reads", "read", "note"},
}

// parseHeader reads the comment block of a model file of the layer. Every
// mistake is an error that begins with file:line.
func parseHeader(file string, layer Layer, text string) (*header, error) {
	h := &header{file: file, values: map[string]string{}, lines: map[string]int{}, rows: map[string][]int{}}
	known := headerKeys[layer]
	lines := strings.Split(text, "\n")
	last := ""
	n := 0
	for ; n < len(lines); n++ {
		line := strings.TrimRight(lines[n], " \r")
		if line == "--" {
			continue
		}
		if !strings.HasPrefix(line, "--") {
			break
		}
		if m := headerKey.FindStringSubmatch(line); m != nil {
			key := m[1]
			if !slices.Contains(known, key) {
				return nil, h.errorf(n+1, "unknown header key %q; a %s file knows %s", key, layer, strings.Join(known, ", "))
			}
			if first, twice := h.lines[key]; twice {
				return nil, h.errorf(n+1, "header key %q stands twice, first in line %d", key, first)
			}
			h.values[key], h.lines[key], last = strings.TrimSpace(m[2]), n+1, key
			if h.values[key] != "" {
				h.rows[key] = append(h.rows[key], n+1)
			}
			continue
		}
		m := headerMore.FindStringSubmatch(line)
		if m == nil || last == "" {
			return nil, h.errorf(n+1, "a header line is `-- key: value`, or is indented by two blanks to go on with the one above")
		}
		h.values[last] = strings.TrimPrefix(h.values[last]+"\n"+m[1], "\n")
		h.rows[last] = append(h.rows[last], n+1)
	}
	if h.lines[known[0]] == 0 {
		return nil, h.errorf(1, "the header lacks `-- %s: name`", known[0])
	}
	h.body = strings.TrimSpace(strings.Join(lines[n:], "\n"))
	if h.body == "" {
		return nil, h.errorf(n, "no SQL below the header")
	}
	if strings.HasSuffix(h.body, ";") {
		return nil, h.errorf(strings.Count(strings.TrimSpace(text), "\n")+1, "it is one statement without a semicolon")
	}
	return h, nil
}

func (h *header) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", h.file, line, fmt.Sprintf(format, args...))
}

// text is the value of a key on one line.
func (h *header) text(key string) string {
	return strings.Join(strings.Fields(h.values[key]), " ")
}

// list cuts a value at commas.
func (h *header) list(key string) []string {
	return cut(h.text(key), ",")
}

func cut(s, sep string) []string {
	var out []string
	for _, part := range strings.Split(s, sep) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// require reports the first of the keys that is missing or empty.
func (h *header) require(keys ...string) error {
	for _, key := range keys {
		if h.values[key] == "" {
			return h.errorf(max(1, h.lines[key]), "the header lacks `-- %s: …`", key)
		}
	}
	return nil
}
