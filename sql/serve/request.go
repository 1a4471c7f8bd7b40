package serve

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/srekpi/srekpi/sql/chdb"
)

// maxQuery bounds the text of a query with its parameters, as sent and as unpacked. The engine takes texts of 256 KiB.
const maxQuery = 1 << 20

// question reads a request of ClickHouse's HTTP interface.
func question(r *http.Request) (chdb.Question, error) {
	query := r.URL.Query()
	body, err := text(r, query)
	if err != nil {
		return chdb.Question{}, err
	}
	q := chdb.Question{
		SQL:      body,
		Format:   first(query.Get("default_format"), r.Header.Get("X-ClickHouse-Format")),
		Database: first(query.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		Params:   map[string]string{},
		Settings: map[string]string{},
		Whole:    yes(query, "wait_end_of_query") || yes(query, "http_wait_end_of_query"),
	}
	if sql := query.Get("query"); sql != "" {
		if q.SQL != "" {
			sql += "\n" + q.SQL
		}
		q.SQL = sql
	}
	if strings.TrimSpace(q.SQL) == "" {
		return q, exceptionf(62, "Syntax error: Empty query. (SYNTAX_ERROR)")
	}
	for name, values := range query {
		value := values[len(values)-1]
		if param, ok := strings.CutPrefix(name, "param_"); ok {
			q.Params[param] = value
		} else {
			q.Settings[name] = value
		}
	}
	return q, nil
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func yes(query url.Values, name string) bool {
	value := query.Get(name)
	return value == "1" || value == "true"
}

// text is the request's body, unpacked. The fields of a form join the parameters of the URL.
func text(r *http.Request, query url.Values) (string, error) {
	if r.Body == nil || r.Method == http.MethodGet {
		return "", nil
	}
	body, err := unpacked(r.Body, r.Header.Get("Content-Encoding"))
	if err != nil {
		return "", err
	}
	content, err := bounded(body)
	if err != nil {
		return "", err
	}
	if yes(query, "decompress") {
		if content, err = decompress(content); err != nil {
			return "", err
		}
	}
	if kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		return "", form(string(content), params["boundary"], query)
	}
	return string(content), nil
}

// bounded reads to the end, but no more than a query may hold.
func bounded(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxQuery+1))
	if err != nil {
		return nil, exceptionf(33, "Cannot read the request's body: %v. (CANNOT_READ_ALL_DATA)", err)
	}
	if len(content) > maxQuery {
		return nil, errTooLarge
	}
	return content, nil
}

var errTooLarge = exceptionf(223, "The query is larger than %d bytes. (QUERY_IS_TOO_LARGE)", maxQuery)

func unpacked(body io.Reader, encoding string) (io.Reader, error) {
	var r io.Reader
	var err error
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(body)
	case "deflate":
		r, err = zlib.NewReader(body)
	case "lz4":
		r = lz4.NewReader(body)
	case "zstd":
		r, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8<<20), zstd.WithDecoderLowmem(true))
	default:
		return nil, exceptionf(48, "The request's Content-Encoding %.20q is not known here; use gzip, deflate, zstd or lz4. (NOT_IMPLEMENTED)", encoding)
	}
	if err != nil {
		return nil, exceptionf(432, "Cannot unpack the request's body: %v. (UNKNOWN_COMPRESSION_METHOD)", err)
	}
	return r, nil
}

// decompress reads ClickHouse's own blocks. Their headers are looked at before memory is taken for what they announce.
func decompress(blocks []byte) ([]byte, error) {
	const checksum, head = 16, 9
	announced := uint64(0)
	for rest := blocks; len(rest) > 0; {
		if len(rest) < checksum+head {
			return nil, exceptionf(33, "Cannot read the compressed block: it breaks off. (CANNOT_READ_ALL_DATA)")
		}
		size := uint64(binary.LittleEndian.Uint32(rest[checksum+1:]))
		announced += uint64(binary.LittleEndian.Uint32(rest[checksum+5:]))
		if size < head || size > uint64(len(rest)-checksum) {
			return nil, exceptionf(33, "Cannot read the compressed block: it breaks off. (CANNOT_READ_ALL_DATA)")
		}
		if announced > maxQuery {
			return nil, errTooLarge
		}
		rest = rest[checksum+size:]
	}
	content, err := io.ReadAll(compress.NewReader(bytes.NewReader(blocks)))
	if err != nil && !errors.Is(err, io.EOF) { // it wraps the end of the last block
		return nil, exceptionf(271, "Cannot decompress the request's body: %v. (CANNOT_DECOMPRESS)", err)
	}
	return content, nil
}

// form reads the fields of a form into the parameters. A file in it would be an external table.
func form(content, boundary string, query url.Values) error {
	fields := multipart.NewReader(strings.NewReader(content), boundary)
	for {
		part, err := fields.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return exceptionf(33, "Cannot read the form: %v. (CANNOT_READ_ALL_DATA)", err)
		}
		if part.FileName() != "" {
			return exceptionf(48, "External tables are not taken: write the rows with values(). (NOT_IMPLEMENTED)")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return exceptionf(33, "Cannot read the form: %v. (CANNOT_READ_ALL_DATA)", err)
		}
		query.Set(part.FormName(), string(value))
	}
}

func exceptionf(code int32, format string, args ...any) error {
	return &exception{code: code, text: fmt.Sprintf("Code: %d. DB::Exception: ", code) + fmt.Sprintf(format, args...)}
}
