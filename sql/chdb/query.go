package chdb

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
)

var paramEscaper = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`)

// Escape is a parameter's value as ClickHouse reads it from a URL.
func Escape(value string) string { return paramEscaper.Replace(value) }

// Query runs a statement and streams its result in any output format of ClickHouse. The values of params are plain text.
// Formats of independent rows arrive as they are computed. Those with a frame around all rows (JSON, Parquet, Pretty …)
// are held whole by the engine first: limit the rows of what a user asks for.
func (e *Engine) Query(ctx context.Context, sql, format string, params map[string]string) (io.ReadCloser, error) {
	escaped := make(map[string]string, len(params))
	for name, value := range params {
		escaped[name] = Escape(value)
	}
	answer, err := e.answer(ctx, statement{sql: sql, format: format, params: escaped})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Question is the text of a user and what comes with it.
type Question struct {
	SQL      string
	Format   string            // of the result, where the text names none; "" is TabSeparated
	Database string            // "" is the engine's
	Params   map[string]string // as ClickHouse reads them from a URL: see [Escape]
	Settings map[string]string // lower limits, and settings of formats; others are refused
	Whole    bool              // hold the result until it is complete, so that a late error is an error and no torn answer
}

// Answer is a result as text of its format.
type Answer struct {
	io.ReadCloser
	Format string
}

// Ask runs the text of a user on a read-only engine, after [Engine.Gate].
func (e *Engine) Ask(ctx context.Context, q Question) (*Answer, error) {
	if e.limits == nil {
		return nil, errors.New("ask: this engine is open for writing; open it with OpenReadOnly")
	}
	if _, err := e.limits.admit(q.Settings); err != nil {
		return nil, err
	}
	if err := e.gate(ctx, q.SQL, q.Params); err != nil {
		return nil, err
	}
	return e.answer(ctx, statement{sql: q.SQL, format: q.Format, database: q.Database, params: q.Params, settings: q.Settings, whole: q.Whole})
}

func (e *Engine) answer(ctx context.Context, st statement) (*Answer, error) {
	own, err := e.ownFormat(ctx, st.sql)
	if err != nil {
		return nil, err
	}
	if own != "" {
		st.format = own
	}
	if st.format == "" {
		st.format = "TabSeparated"
	}
	head := newHeader(st.format)
	st.whole = st.whole || !chunked(st.format) && head == nil
	body, err := e.start(ctx, st)
	if err != nil {
		return nil, err
	}
	if head != nil && !st.whole {
		if body == nil && e.asks(ctx, st.sql) {
			// No chunk, and so no header. The names of no rows come only with a whole result.
			st.whole = true
			if body, err = e.start(ctx, st); err != nil {
				return nil, err
			}
		} else if rows, ok := body.(*stream); ok {
			rows.headed(head)
		}
	}
	if body == nil {
		body = io.NopCloser(strings.NewReader(""))
	}
	return &Answer{body, st.format}, nil
}

// asks says that running the statement a second time changes nothing.
func (e *Engine) asks(ctx context.Context, sql string) bool {
	look, err := e.look(ctx, sql)
	return err == nil && look.kind == readOnly
}

var formatClause = regexp.MustCompile(`(?m)^FORMAT (\w+)$`)

// ownFormat is the format that the statement itself asks for, or "". In the engine's print of it the clauses of the
// whole statement start a line of their own, and no literal holds a line break.
func (e *Engine) ownFormat(ctx context.Context, sql string) (string, error) {
	if !strings.Contains(strings.ToLower(sql), "format") {
		return "", nil
	}
	printed, err := e.text(ctx, statement{sql: "SELECT formatQueryOrNull({sql:String})", format: "TSVRaw", params: map[string]string{"sql": Escape(sql)}})
	if err != nil {
		return "", err
	}
	if match := formatClause.FindStringSubmatch(printed); match != nil {
		return match[1], nil
	}
	return "", nil
}

// chunked says that the format's text for two parts of a result, one after the other, is its text for both.
// Each chunk of a stream is formatted alone.
func chunked(format string) bool {
	switch format {
	case "Native", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "Raw", "CSV", "TSKV", "LineAsString",
		"JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow", "JSONCompactEachRow", "JSONCompactStringsEachRow",
		"RowBinary", "RawBLOB", "MsgPack", "Null":
		return true
	}
	return false
}
