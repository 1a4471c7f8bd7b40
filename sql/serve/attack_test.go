package serve

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// TestAttacks sends what would harm the machine, the data or the other users. Each is refused or stopped with an
// error, and the next query works.
func TestAttacks(t *testing.T) {
	o := testOptions(published)
	o.Limits.MaxExecutionTime = 3 * time.Second
	s := start(t, o)
	stolen := filepath.Join(t.TempDir(), "stolen")
	set := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	var bomb strings.Builder
	bomb.WriteString("WITH c0 AS (SELECT 1 AS x)")
	for i := range 60 {
		fmt.Fprintf(&bomb, ", c%d AS (SELECT a.x FROM c%d a CROSS JOIN c%d b)", i+1, i, i)
	}
	bomb.WriteString(" SELECT count() FROM c60")
	const endless = "SELECT count() FROM numbers(1000000000000000) WHERE sipHash64(number) = 1"
	for _, a := range []struct {
		name, sql string
		params    url.Values
		codes     []string // any of these
	}{
		{"file as table", "SELECT * FROM file('/etc/hostname', 'LineAsString')", nil, []string{"164"}},
		{"file as scalar", "SELECT file('/etc/hostname')", nil, []string{"164"}},
		{"file by a parameter", "SELECT arrayMap({f:Identifier}, ['/etc/hostname'])", set("param_f", "file"), []string{"164"}},
		{"network", "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", nil, []string{"164"}},
		{"insert", "INSERT INTO facts VALUES (1, 'x')", nil, []string{"164"}},
		{"insert with rows in the body", "1\tx\n", set("query", "INSERT INTO facts FORMAT TSV"), []string{"164"}},
		{"drop", "DROP TABLE facts", nil, []string{"164"}},
		{"create", "CREATE TABLE t (a Int8) ENGINE = Memory", nil, []string{"164"}},
		{"create function", "CREATE FUNCTION f AS x -> x", nil, []string{"164"}},
		{"alter", "ALTER TABLE facts DELETE WHERE 1", nil, []string{"164"}},
		{"system", "SYSTEM SHUTDOWN", nil, []string{"164"}},
		{"into outfile", "SELECT 1 INTO OUTFILE '" + stolen + "'", nil, []string{"164"}},
		{"into outfile across URL and body", "OUTFILE '" + stolen + "'", set("query", "SELECT 1 INTO"), []string{"164"}},
		{"kill", "KILL QUERY WHERE 1", nil, []string{"164"}},
		{"two statements", "SELECT 1; DROP TABLE facts", nil, []string{"164"}},
		{"two statements across URL and body", "; DROP TABLE facts", set("query", "SELECT 1"), []string{"164"}},
		{"two statements behind EXPLAIN", "EXPLAIN AST SELECT 1; DROP TABLE facts", nil, []string{"164"}},
		{"set", "SET max_execution_time = 0", nil, []string{"164"}},
		{"setting in the URL", "SELECT 1", set("max_threads", "64"), []string{"164"}},
		{"readonly in the URL", "INSERT INTO facts VALUES (1, 'x')", set("readonly", "0"), []string{"164"}},
		{"setting that is none", "SELECT 1", set("a b; DROP", "1"), []string{"164"}},
		{"SETTINGS clause", "SELECT 1 SETTINGS max_memory_usage = 0", nil, []string{"164"}},
		{"SETTINGS clause in a subquery", "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)", nil, []string{"164"}},
		{"file through a setting of a format", "SELECT 1 AS a FORMAT Template", set("format_template_row", "/etc/hostname"), []string{"164"}},
		{"write through a setting of reading", "SELECT * FROM format(CSV, 'a Int8', 'x')", set("input_format_record_errors_file_path", "errors", "input_format_allow_errors_num", "9"), []string{"164"}},
		{"write through a setting of a format", "SELECT 1 AS a FORMAT Protobuf", set("output_format_schema", stolen), []string{"164"}},
		{"machine's tables", "SELECT * FROM system.stack_trace", nil, []string{"60"}},
		{"machine's tables through a function", "SELECT * FROM merge('system', 'server_settings|disks')", nil, []string{"636"}},
		{"machine's tables by a parameter", "SELECT * FROM system.{t:Identifier}", set("param_t", "disks"), []string{"60"}},

		{"endless", endless, set("max_execution_time", "0.5"), []string{"159"}},
		{"endless, with the limit taken off", endless, set("max_execution_time", "0"), []string{"159"}},
		{"endless, with a higher limit", endless, set("max_execution_time", "86400"), []string{"159"}},
		{"sleep", "SELECT sleepEachRow(1) FROM system.numbers", set("max_execution_time", "1"), []string{"159", "160"}},
		{"cross join", "SELECT count() FROM numbers(1000000) a, numbers(1000000) b, numbers(1000000) c", set("max_execution_time", "1"), []string{"159", "241"}},
		{"recursion", "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count() FROM t", nil, []string{"306", "159"}},

		{"memory of one value", "SELECT length(groupArray(number)) FROM numbers(1000000000)", nil, []string{"241"}},
		{"memory, with the limit taken off", "SELECT length(groupArray(number)) FROM numbers(1000000000)", set("max_memory_usage", "0"), []string{"241"}},
		{"memory of groups", "SELECT count() FROM (SELECT number AS k, groupArray(toString(number)) FROM numbers(500000000) GROUP BY k)", nil, []string{"241", "243", "159", "396"}},
		{"memory of a sort", "SELECT number FROM numbers(2000000000) ORDER BY sipHash64(number) LIMIT 1 OFFSET 1500000000", nil, []string{"241", "243", "159"}},
		{"range", "SELECT length(range(100000000000))", nil, []string{"69"}},
		{"repeat", "SELECT length(repeat('x', 100000000000))", nil, []string{"131"}},
		{"held result", "SELECT number, repeat('x', 1000) AS text FROM numbers(4000000) FORMAT JSON", nil, []string{"241", "159"}},
		{"many rows", "SELECT number FROM numbers(100000000) FORMAT TSV", nil, []string{"396"}},
		{"many rows, held", "SELECT number FROM numbers(100000000)", set("wait_end_of_query", "1"), []string{"396"}},

		{"deep subqueries", strings.Repeat("SELECT * FROM (", 30) + "SELECT 1" + strings.Repeat(")", 30), nil, []string{"162"}},
		{"planning", bomb.String(), nil, []string{"162"}},
		{"text that the error repeats", "SELECT '" + strings.Repeat("x", 200_000) + "' + 1", nil, []string{"43", "6", "386"}},
		{"introspection", "SELECT addressToSymbol(1)", nil, []string{"446"}},
		{"deep brackets", "SELECT " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), nil, []string{"306", "62", "167", "168"}},
		{"many brackets in an array", "SELECT " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000), nil, []string{"306", "62", "167", "168"}},
		{"large text", "SELECT '" + strings.Repeat("x", 900_000) + "'", nil, []string{"62"}},
		{"giant text", "SELECT '" + strings.Repeat("x", 2_000_000) + "'", nil, []string{"223"}},
		{"NUL", "SELECT 1\x00; DROP TABLE facts", nil, []string{"164"}},
		{"no text", " ", nil, []string{"62"}},
	} {
		got := s.ask(t, a.sql, a.params)
		refused := false
		for _, code := range a.codes {
			// A late error comes in the answer, which then does not end as an answer does.
			refused = refused || strings.Contains(got.body, "Code: "+code+". DB::") && (got.status != 200 || got.err != nil)
		}
		if !refused {
			t.Errorf("%s: got %d %.200q … %.200q %v, want code %v", a.name, got.status, got.body, got.body[max(0, len(got.body)-200):], got.err, a.codes)
		}
		if got.status != 200 && len(got.body) > 2*longest {
			t.Errorf("%s: the error has %d bytes: %.200q", a.name, len(got.body), got.body)
		}
		if strings.Contains(got.body, published) {
			t.Errorf("%s: the error names a folder: %s", a.name, got.body)
		}
		s.works(t, a.name)
	}
	if _, err := os.Stat(stolen); err == nil {
		t.Error("a file was written")
	}
	s.ask(t, "SELECT * FROM nothing", nil).wants(t, "unknown table", 404, "SHOW TABLES lists")
	if got := s.ask(t, "SELECT name FROM system.settings WHERE name IN ('max_threads', 'readonly') AND changed ORDER BY name", nil); got.body != "readonly\n" {
		t.Errorf("changed settings: %q", got.body)
	}
}

// TestHostileRequests sends what no query has to do with.
func TestHostileRequests(t *testing.T) {
	s := start(t, testOptions(published))
	var zip, zst bytes.Buffer
	z := gzip.NewWriter(&zip)
	zs, err := zstd.NewWriter(&zst)
	must(t, err)
	zeros := make([]byte, 1<<20)
	for range 200 {
		z.Write(zeros)
		zs.Write(zeros)
	}
	must(t, z.Close())
	must(t, zs.Close())
	block := make([]byte, 16+9+8)
	block[16] = 0x82
	binary.LittleEndian.PutUint32(block[17:], 9+8)
	binary.LittleEndian.PutUint32(block[21:], 128<<20)

	for _, a := range []struct {
		name, method, path string
		body               []byte
		change             func(*http.Request)
		status             int
		text               string
	}{
		{"gzip bomb", "POST", "/", zip.Bytes(), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 413, "Code: 223."},
		{"zstd bomb", "POST", "/", zst.Bytes(), func(r *http.Request) { r.Header.Set("Content-Encoding", "zstd") }, 413, "Code: 223."},
		{"bomb of a block", "POST", "/?decompress=1", block, nil, 413, "Code: 223."},
		{"torn block", "POST", "/?decompress=1", block[:20], nil, 500, "Code: 33."},
		{"no gzip", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 500, "Code: 432."},
		{"unknown encoding", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }, 501, "Code: 48."},
		{"external table", "POST", "/?query=SELECT+1", []byte("--x\r\nContent-Disposition: form-data; name=\"t\"; filename=\"t\"\r\n\r\n1\r\n--x--\r\n"),
			func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, 501, "Code: 48."},
		{"large header", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("X", strings.Repeat("x", 2<<20)) }, 431, ""},
		{"other host", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Host = "rebound.example" }, 403, "Code: 497."},
		{"other host, ping", "GET", "/ping", nil, func(r *http.Request) { r.Host = "rebound.example:8123" }, 403, "Code: 497."},
		{"page of another site", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403, "Code: 497."},
		{"page of no site", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("Origin", "null") }, 403, "Code: 497."},
		{"image of another site", "GET", "/?query=SELECT+1", nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403, "Code: 497."},
		{"preflight", "OPTIONS", "/", nil, nil, 405, "Code: 48."},
		{"delete", "DELETE", "/", nil, nil, 405, "Code: 48."},
		{"other page", "GET", "/play", nil, nil, 404, "no such page"},
		{"format that is none", "POST", "/?default_format=Nonsense", []byte("SELECT 1"), nil, 404, "Code: 73."},
		{"database that is none", "POST", "/?database=no%60where%27", []byte("SELECT 1"), nil, 404, "Code: 81."},
		{"setting's value that is none", "POST", "/?max_execution_time=nan", []byte("SELECT 1"), nil, 400, "Code: 72."},
		{"setting of a format's value that is none", "POST", "/?output_format_json_quote_64bit_integers=%27%29", []byte("SELECT 1"), nil, 0, "Code: "},
		{"several ways to log in", "POST", "/?user=default&password=" + secret, []byte("SELECT 1"), nil, 403, "Code: 516."},
		{"other kind of login", "POST", "/", []byte("SELECT 1"), func(r *http.Request) { r.Header.Set("Authorization", "Negotiate x") }, 403, "Code: 516."},
		{"CORS asked for", "POST", "/?add_http_cors_header=1&http_response_headers=%7B%27X-Evil%27%3A%271%27%7D", []byte("SELECT 1"), nil, 200, "1\n"},
		{"line break in an id", "POST", "/?query_id=a%0d%0aX-Evil:+1", []byte("SELECT 1"), nil, 200, "1\n"},
	} {
		req, err := http.NewRequest(a.method, s.url+a.path, bytes.NewReader(a.body))
		must(t, err)
		req.SetBasicAuth("default", secret)
		if a.change != nil {
			a.change(req)
		}
		got := send(t, req)
		if a.status == 0 {
			a.status = max(got.status, 400)
		}
		got.wants(t, a.name, a.status, a.text)
		for name := range got.header {
			if strings.HasPrefix(name, "Access-Control") || name == "X-Evil" {
				t.Errorf("%s: the answer has the header %s", a.name, name)
			}
		}
		s.works(t, a.name)
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "8123"} {
		o := testOptions(published)
		o.Listen = address
		if _, err := Listen(o); err == nil {
			t.Errorf("it listens on %s", address)
		}
	}
}

func TestLogin(t *testing.T) {
	s := start(t, testOptions(published))
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"nothing", func(r *http.Request) {}, 401},
		{"basic", func(r *http.Request) { r.SetBasicAuth("default", secret) }, 200},
		{"headers", func(r *http.Request) {
			r.Header.Set("X-ClickHouse-User", "default")
			r.Header.Set("X-ClickHouse-Key", secret)
		}, 200},
		{"key alone", func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", secret) }, 200},
		{"parameters", func(r *http.Request) { r.URL.RawQuery = "user=default&password=" + secret }, 200},
		{"bearer", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }, 200},
		{"wrong password", func(r *http.Request) { r.SetBasicAuth("default", secret+"x") }, 403},
		{"wrong user", func(r *http.Request) { r.SetBasicAuth("admin", secret) }, 403},
		{"wrong token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 403},
		{"user alone", func(r *http.Request) { r.Header.Set("X-ClickHouse-User", "default") }, 401},
	} {
		req, err := http.NewRequest("POST", s.url, strings.NewReader("SELECT 1"))
		must(t, err)
		c.change(req)
		if got := send(t, req); got.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, got.status, got.body, c.status)
		}
	}
	// Many wrong ones at once are turned away, and the right one is let in while they wait.
	before := time.Now()
	statuses := make(chan int, 30)
	for i := range cap(statuses) {
		go func() {
			req, _ := http.NewRequest("POST", s.url, strings.NewReader("SELECT 1"))
			req.SetBasicAuth("default", fmt.Sprint("guess", i))
			statuses <- send(t, req).status
		}()
	}
	for len(s.logins.wrong) < wrongAtOnce && time.Since(before) < time.Minute {
		time.Sleep(time.Millisecond)
	}
	for range 3 {
		s.works(t, "guesses that are under way")
	}
	count := map[int]int{}
	for range cap(statuses) {
		count[<-statuses]++
	}
	if count[403] > 2*wrongAtOnce || count[403]+count[429] != cap(statuses) {
		t.Errorf("answers to 30 guesses: %v", count)
	}
	s.works(t, "guesses")
	// A token is made once, for its owner alone.
	dir := filepath.Join(t.TempDir(), "data")
	first, path, err := Token(dir)
	must(t, err)
	again, _, err := Token(dir)
	if info, statErr := os.Stat(path); err != nil || again != first || len(first) < 20 || statErr != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%q %q %v %v", first, again, err, info.Mode())
	}
	if !newLogins("default", first).random || newLogins("default", secret).random {
		t.Error("a token that was made is not told from a password")
	}
	must(t, os.WriteFile(path, []byte("elevenchars\n"), 0o600))
	if _, _, err := Token(dir); err == nil || !strings.Contains(err.Error(), "fewer than 12") {
		t.Errorf("a short token: %v", err)
	}
	must(t, os.Chmod(path, 0o644))
	if _, _, err := Token(dir); err == nil || !strings.Contains(err.Error(), "others may read") {
		t.Errorf("a token that others may read: %v", err)
	}
}
