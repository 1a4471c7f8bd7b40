package chdb

import (
	"bytes"
	"context"
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
	own, err := e.ownFormat(ctx, sql)
	if err != nil {
		return nil, err
	}
	if own != "" {
		format = own
	}
	if format == "" {
		format = "TabSeparated"
	}
	st := statement{sql: sql, format: format, params: escaped, whole: !chunked(format) && headerLines(format) == 0}
	body, err := e.start(ctx, st)
	if err != nil {
		return nil, err
	}
	if lines := headerLines(format); lines > 0 {
		if body == nil && e.asks(ctx, sql) {
			// No chunk, and so no header. The names of no rows come only with a whole result.
			st.whole = true
			body, err = e.start(ctx, st)
		} else if rows, ok := body.(*stream); ok {
			rows.headed(&header{lines: lines, quoted: strings.HasPrefix(format, "CSV")})
		}
	}
	if body == nil && err == nil {
		body = io.NopCloser(strings.NewReader(""))
	}
	return body, err
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

// headerLines is how many lines each chunk repeats that the result should hold once.
func headerLines(format string) int {
	switch format {
	case "CSVWithNames", "TSVWithNames", "TabSeparatedWithNames", "TSVRawWithNames", "TabSeparatedRawWithNames", "JSONCompactEachRowWithNames":
		return 1
	case "CSVWithNamesAndTypes", "TSVWithNamesAndTypes", "TabSeparatedWithNamesAndTypes", "TSVRawWithNamesAndTypes", "TabSeparatedRawWithNamesAndTypes",
		"JSONCompactEachRowWithNamesAndTypes", "Markdown":
		return 2
	}
	return 0
}

// header drops the lines that every chunk after the first repeats.
type header struct {
	lines  int
	quoted bool // a line break inside quotes does not end a line
	text   []byte
}

func (h *header) learn(chunk []byte) {
	lines, inQuotes := h.lines, false
	for i, c := range chunk {
		switch {
		case c == '"' && h.quoted:
			inQuotes = !inQuotes
		case c == '\n' && !inQuotes:
			if lines--; lines == 0 {
				h.text = append([]byte(nil), chunk[:i+1]...)
				return
			}
		}
	}
}

func (h *header) cut(chunk []byte) []byte {
	if h == nil {
		return chunk
	}
	return bytes.TrimPrefix(chunk, h.text)
}
