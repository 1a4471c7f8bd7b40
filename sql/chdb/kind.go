package chdb

import (
	"context"
	"regexp"
	"unsafe"
)

// analysis is what the engine's own parser says about a text (chdb_query_analysis_v1).
type analysis struct {
	size       uint32
	statements uint32
	flags      uint32
	kind       kind
}

// kind is what a statement does to state that outlives it.
type kind uint32

const (
	readOnly  kind = 0 // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS: no trace
	writes    kind = 1 // INSERT, CREATE, ALTER …
	writesAll kind = 2 // functions, access, system tables
	control   kind = 3 // SET, USE, KILL, SYSTEM, INTO OUTFILE …
	unknown   kind = 4 // not parsed, or not classified
)

// analyse asks the parser of the engine, since a list of keywords here would be fooled by comments and brackets.
func (s *session) analyse(sql string) analysis {
	out := analysis{kind: unknown}
	out.size = uint32(unsafe.Sizeof(out))
	ptr, n := text(sql)
	if s.engine.lib.classify(*s.handle, ptr, n, nil, 0, &out) != 0 {
		return analysis{kind: unknown}
	}
	return out
}

// look analyses on any connection.
func (e *Engine) look(ctx context.Context, sql string) (analysis, error) {
	s, err := e.acquire(ctx, nil)
	if err != nil {
		return analysis{}, err
	}
	defer e.release(s)
	return s.analyse(sql), nil
}

var (
	temporary   = regexp.MustCompile(`(?i)\btemporary\b`)
	missingData = regexp.MustCompile(`(?is)^\s*insert\b.*\b(format\s+\w+|values)[\s;]*$`)
)

// leavesTrace says that a statement changed the connection itself.
func (a analysis) leavesTrace(sql string) bool {
	return a.kind == control || a.kind != readOnly && temporary.MatchString(sql)
}
