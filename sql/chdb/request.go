package chdb

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// RoundTrip answers a request of the driver as a ClickHouse server would.
func (e *Engine) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	st, err := read(req)
	if err == nil && isHello(st.sql) {
		return e.greet(req)
	}
	var body io.ReadCloser
	if err == nil {
		body, err = e.start(req.Context(), st)
	}
	if err != nil {
		var ex *clickhouse.Exception
		if errors.As(err, &ex) {
			return exceptionResponse(req, ex), nil
		}
		return nil, err
	}
	if body == nil {
		// The driver takes length 0 for "no rows".
		return response(req, http.StatusOK, http.NoBody, 0), nil
	}
	resp := response(req, http.StatusOK, body, -1)
	// Errors come from Read here, never inside the body. Without a tag the driver would look for them in the text.
	resp.Header.Set("X-ClickHouse-Exception-Tag", rand.Text())
	return resp, nil
}

func response(req *http.Request, status int, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: body, ContentLength: length, Request: req,
	}
}

func textBody(text string) io.ReadCloser {
	return io.NopCloser(strings.NewReader(text))
}

// read makes a statement of the request.
func read(req *http.Request) (statement, error) {
	query := req.URL.Query()
	if encoding := req.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" ||
		query.Get("compress") == "1" || query.Get("decompress") == "1" {
		return statement{}, exceptionf(codeNotImplemented, "The embedded engine takes no compressed requests: leave Compression out of the driver's options. (NOT_IMPLEMENTED)")
	}
	if strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
		return statement{}, exceptionf(codeNotImplemented, "The embedded engine takes no external tables: insert the rows into a table. (NOT_IMPLEMENTED)")
	}
	st := statement{
		format:   query.Get("default_format"),
		database: query.Get("database"),
		settings: map[string]string{},
		params:   map[string]string{},
	}
	if st.format == "" {
		st.format = "TabSeparated"
	}
	if st.sql = query.Get("query"); st.sql == "" && req.Body != nil {
		sql, err := io.ReadAll(req.Body)
		if err != nil {
			return statement{}, fmt.Errorf("read statement: %w", err)
		}
		st.sql = string(sql)
	} else if req.Body != nil {
		st.data = rowsOf(req.Body)
	}
	st.whole = !chunked(st.format)
	st.collect(req.Context(), query)
	return st, nil
}

// rowsOf is nil when the body is empty.
func rowsOf(body io.Reader) io.Reader {
	rows := bufio.NewReaderSize(body, chunkSize)
	if _, err := rows.Peek(1); err == io.EOF {
		return nil
	}
	return rows
}

func (st *statement) collect(ctx context.Context, query url.Values) {
	_, hasDeadline := ctx.Deadline()
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case strings.HasPrefix(name, "param_"):
			st.params[strings.TrimPrefix(name, "param_")] = value // the driver has escaped it
		case transport(name):
		case name == "max_execution_time" && hasDeadline:
			// The driver makes it up from the deadline, which is kept here anyhow; it would cost a SET each time.
		default:
			st.settings[name] = value
		}
	}
}
