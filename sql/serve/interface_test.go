package serve

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/pierrec/lz4/v4"
)

// TestInterface asks as tools do: each request is one that a tool sends.
func TestInterface(t *testing.T) {
	s := start(t, testOptions(published))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, "SELECT 7")
	must(t, z.Close())
	block, err := blockOf(url.Values{}, []byte("SELECT 7"))
	must(t, err)
	var form bytes.Buffer
	fields := multipart.NewWriter(&form)
	fields.WriteField("query", "SELECT {n:UInt8} + {m:UInt8}")
	fields.WriteField("param_n", "3")
	must(t, fields.Close())

	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		status                   int
		want                     string
	}{
		{"ping", "GET", "/ping", "", nil, 200, "Ok.\n"},
		{"root", "GET", "/", "", nil, 200, "Ok.\n"},
		{"query in the URL", "GET", "/?query=SELECT+1%3B", "", nil, 200, "1\n"},
		{"bare semicolon in the URL", "GET", "/?query=SELECT+1;", "", nil, 200, "1\n"},
		{"query in the body", "POST", "/", "SELECT count() FROM srekpi.facts", nil, 200, "200000\n"},
		{"query in both", "POST", "/?query=SELECT+1,", " 2 FORMAT CSV", nil, 200, "1,2\n"},
		{"the warehouse's database", "POST", "/", "SELECT currentDatabase()", nil, 200, "srekpi\n"},
		{"another database", "POST", "/?database=system", "SELECT currentDatabase()", nil, 200, "system\n"},
		{"database as a header", "POST", "/", "SELECT currentDatabase()", http.Header{"X-ClickHouse-Database": {"default"}}, 200, "default\n"},
		{"format as a parameter", "POST", "/?default_format=JSONEachRow", "SELECT 1 AS n", nil, 200, "{\"n\":1}\n"},
		{"format as a header", "POST", "/", "SELECT 1 AS n", http.Header{"X-ClickHouse-Format": {"CSVWithNames"}}, 200, "\"n\"\n1\n"},
		{"format in the text wins", "POST", "/?default_format=JSON", "SELECT 1 AS n FORMAT TSVWithNames", nil, 200, "n\n1\n"},
		{"parameter", "POST", "/?param_a=x%5Cty", "SELECT {a:String} FORMAT TSVRaw", nil, 200, "x\ty\n"},
		{"form", "POST", "/?param_m=4", form.String(), http.Header{"Content-Type": {fields.FormDataContentType()}}, 200, "7\n"},
		{"packed body", "POST", "/", zipped.String(), http.Header{"Content-Encoding": {"gzip"}}, 200, "7\n"},
		{"body in blocks", "POST", "/?decompress=1", string(block), nil, 200, "7\n"},
		{"format setting", "POST", "/?date_time_output_format=iso&session_timezone=Asia%2FTokyo", "SELECT toDateTime(0)", nil, 200, "1970-01-01T00:00:00Z\n"},
		{"transport settings", "POST", "/?session_id=x&session_timeout=60&send_progress_in_http_headers=1&http_headers_progress_interval_ms=10000&buffer_size=1048576&wait_end_of_query=1&log_comment=x&quota_key=y&readonly=1&cancel_http_readonly_queries_on_client_close=1", "SELECT 1", nil, 200, "1\n"},
		{"lower limits", "POST", "/?max_execution_time=3&max_result_rows=100&max_memory_usage=100000000&result_overflow_mode=break", "SELECT 1", nil, 200, "1\n"},
		{"limits of a grid that shows 200 rows", "POST", "/?max_result_rows=200&result_overflow_mode=break&default_format=Null", "SELECT number FROM numbers(1000000)", nil, 200, ""},
		{"higher limits", "POST", "/?max_execution_time=6000&max_result_rows=0&max_memory_usage=99999999999", "SELECT 1", nil, 200, "1\n"},
		{"show", "POST", "/", "SHOW TABLES", nil, 200, "facts\n"},
		{"exists", "POST", "/", "EXISTS facts", nil, 200, "1\n"},
		{"describe", "POST", "/?default_format=TSV", "DESCRIBE TABLE facts", nil, 200, "n\tUInt64\t\t\t\t\t\ntext\tString\t\t\t\t\t\n"},
		{"tables, as DBeaver asks", "POST", "/", "SELECT database, name, engine, total_rows FROM system.tables WHERE database = 'srekpi'", nil, 200, "srekpi\tfacts\tMergeTree\t200000\n"},
		{"columns, as Metabase asks", "POST", "/", "SELECT name, type FROM system.columns WHERE database = 'srekpi' AND table = 'facts' ORDER BY position", nil, 200, "n\tUInt64\ntext\tString\n"},
		{"first question of clickhouse-connect", "POST", "/", "SELECT version() != '', timezone() != '' FORMAT TSV", nil, 200, "1\t1\n"},
		{"settings, as clickhouse-connect asks", "POST", "/", "SELECT count() > 1000 FROM (SELECT name, value, readonly AS readonly FROM system.settings LIMIT 10000)", nil, 200, "1\n"},
		{"functions", "POST", "/", "SELECT count() > 1000 FROM system.functions", nil, 200, "1\n"},
		{"no rows, with names", "POST", "/?default_format=CSVWithNames", "SELECT n FROM facts WHERE n = 5000000", nil, 200, "\"n\"\n"},
	} {
		req, err := http.NewRequest(c.method, s.url+c.path, strings.NewReader(c.body))
		must(t, err)
		if c.header != nil {
			req.Header = c.header
		}
		if c.path != "/ping" && c.path != "/" || c.method == "POST" {
			req.SetBasicAuth("default", secret)
		}
		if got := send(t, req); got.status != c.status || got.body != c.want {
			t.Errorf("%s: got %d %.300q, want %d %q", c.name, got.status, got.body, c.status, c.want)
		}
	}
	got := s.ask(t, "SELECT 1 FORMAT JSON", url.Values{"query_id": {"an-id"}})
	for name, want := range map[string]string{
		"X-ClickHouse-Query-Id": "an-id", "X-ClickHouse-Format": "JSON", "Content-Type": "application/json; charset=UTF-8", "X-ClickHouse-Timezone": "UTC",
	} {
		if have := got.header.Get(name); !strings.HasSuffix(have, want) {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	if got := s.ask(t, "SELECT nope", nil); got.header.Get("X-ClickHouse-Exception-Code") != "47" || got.status != 404 || !strings.HasPrefix(got.body, "Code: 47. DB::Exception: Unknown expression identifier `nope`") {
		t.Errorf("a mistake: %d %v %s", got.status, got.header, got.body)
	}
}

// TestPackedAnswers unpacks each encoding with another implementation's reader where there is one.
func TestPackedAnswers(t *testing.T) {
	s := start(t, testOptions(published))
	const sql = "SELECT number FROM numbers(300000) FORMAT CSV"
	want := s.ask(t, sql, nil).body
	for name, read := range map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"lz4":  func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
	} {
		req, err := http.NewRequest("POST", s.url+"/?enable_http_compression=1", strings.NewReader(sql))
		must(t, err)
		req.SetBasicAuth("default", secret)
		req.Header.Set("Accept-Encoding", "br, "+name+", zstd;q=0")
		got := send(t, req)
		r, err := read(strings.NewReader(got.body))
		must(t, err)
		text, err := io.ReadAll(r)
		if err != nil || string(text) != want || got.header.Get("Content-Encoding") != name {
			t.Errorf("%s: %d bytes of %d as %q, %v", name, len(text), len(want), got.header.Get("Content-Encoding"), err)
		}
	}
	for _, method := range []string{"", "LZ4", "ZSTD", "NONE"} {
		got := s.ask(t, sql, url.Values{"compress": {"1"}, "network_compression_method": {method}})
		text, err := io.ReadAll(compress.NewReader(strings.NewReader(got.body)))
		if !errors.Is(err, io.EOF) || string(text) != want {
			t.Errorf("blocks of %q: %d bytes of %d, %v", method, len(text), len(want), err)
		}
	}
	// The driver for Java unpacks errors too.
	got := s.ask(t, "SELECT nope", url.Values{"compress": {"1"}})
	if text, err := io.ReadAll(compress.NewReader(strings.NewReader(got.body))); !errors.Is(err, io.EOF) || !strings.HasPrefix(string(text), "Code: 47.") {
		t.Errorf("an error in blocks: %q %v", text, err)
	}
	// Each part of a streamed answer has names and types of its own; the answer has them once.
	got = s.ask(t, "SELECT toUInt32(number) AS n FROM numbers(300000) FORMAT RowBinaryWithNamesAndTypes", nil)
	if want := 1 + 2 + 7 + 4*300_000; len(got.body) != want {
		t.Errorf("%d bytes, want %d", len(got.body), want)
	}
	if got := s.ask(t, "SELECT number AS n FROM numbers(300000) FORMAT CSVWithNames", nil); strings.Count(got.body, "\"n\"") != 1 {
		t.Error(fmt.Sprint(strings.Count(got.body, "\"n\""), " lines of names"))
	}
}
