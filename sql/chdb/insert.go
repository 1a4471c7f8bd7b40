package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unsafe"
)

// chunkSize is how much of an insert's rows is handed over at a time.
const chunkSize = 1 << 18

// insertFormat splits the format of the rows from the statement that they belong to.
var insertFormat = regexp.MustCompile(`(?is)^(\s*insert\b.*?)\b(?:format\s+(\w+)|(values))[\s;]*$`)

// inlineRows splits a statement from the rows behind it.
var (
	inlineRows = regexp.MustCompile(`(?is)^(\s*insert\s[^'";]*?\bformat\s+\w+)[ \t]*\r?\n(.+)$`)
	selects    = regexp.MustCompile(`(?i)\bselect\b`)
)

// withRows takes rows that stand behind the statement out of it. VALUES may stay: those libchdb reads whole.
func (st statement) withRows() statement {
	parts := inlineRows.FindStringSubmatch(st.sql)
	if st.data == nil && parts != nil && !selects.MatchString(parts[1]) {
		st.sql, st.data = parts[1], strings.NewReader(parts[2])
	}
	return st
}

// insert streams rows into the engine. They cannot go inline behind the statement: libchdb cuts such a text at
// max_query_size (256 KiB) and at a semicolon after a line break. Up to about a million rows are stored at once or not
// at all; of more, an insert that fails leaves the blocks that were full.
func (s *session) insert(ctx context.Context, st statement, done func()) (err error) {
	defer func() {
		s.retired = s.retired || err != nil
		done()
	}()
	parts := insertFormat.FindStringSubmatch(st.sql)
	if parts == nil {
		return exceptionf(codeNotImplemented, "Only an INSERT that ends with FORMAT takes rows in the request's body. (NOT_IMPLEMENTED)")
	}
	format := parts[2]
	if parts[3] != "" {
		format = "Values"
	}
	lib := s.engine.lib
	watch := s.watch(ctx, nil)
	defer watch.end()
	into := newBindings(st.params).call(lib.insert, *s.handle, parts[1], format)
	if into == nil {
		return fmt.Errorf("engine: no insert for %.60q", st.sql)
	}
	defer lib.insertDestroy(into) // cancels what is not done
	if text := lib.insertError(into); text != "" {
		return exception(text)
	}
	if err := s.feed(ctx, into, st.data); err != nil {
		lib.insertCancel(into)
		return err
	}
	result := lib.insertDone(into)
	if result == nil {
		return fmt.Errorf("engine: no answer to %.60q; count the rows before you run it again", st.sql)
	}
	defer lib.destroyResult(result)
	if text := lib.resultError(result); text != "" {
		return exception(text)
	}
	return nil
}

func (s *session) feed(ctx context.Context, into *byte, rows io.Reader) error {
	lib := s.engine.lib
	chunk := make([]byte, chunkSize)
	for {
		n, err := rows.Read(chunk)
		if n > 0 && lib.insertAppend(into, unsafe.SliceData(chunk), uintptr(n)) != 0 {
			if text := lib.insertError(into); text != "" {
				return exception(text)
			}
			return errors.New("engine: the insert ended before its rows did")
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read rows to insert: %w", err)
		}
	}
}
