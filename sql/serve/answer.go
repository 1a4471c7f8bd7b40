package serve

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// grace is what a statement gets beyond its limit before it is stopped from outside the engine. Tests shorten it.
var grace = 5 * time.Second

// stall is how long a client may not read before its query is stopped.
const stall = time.Minute

// answerer runs the queries of one read copy.
type answerer struct {
	warehouse *warehouse.Warehouse
	limit     time.Duration
	zone      string
	underWay  underWay
}

func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == endedPath {
		a.underWay.wait(r.Context(), r.Header.Get(requestHeader))
		return
	}
	defer a.underWay.begin(r.Header.Get(requestHeader))()
	// Set before all else: clients look for them in errors too.
	w.Header().Set("X-ClickHouse-Server-Display-Name", "srekpi")
	w.Header().Set("X-ClickHouse-Timezone", a.zone)
	w.Header().Set("X-ClickHouse-Query-Id", queryID(r))
	q, err := question(r)
	if err != nil {
		asException(err).write(w, r)
		return
	}
	ctx := r.Context()
	if a.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.limit+grace, errLate)
		defer cancel()
	}
	if hello, ok := a.greet(q); ok {
		a.send(w, r, &chdb.Answer{ReadCloser: io.NopCloser(strings.NewReader(hello)), Format: "Native"})
		return
	}
	answer, err := a.warehouse.Ask(ctx, q)
	if err != nil {
		if r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // the client has gone
		}
		asException(err).write(w, r)
		return
	}
	defer answer.Close()
	a.send(w, r, answer)
}

// greet answers the first question of clickhouse-go, see chdb.Hello.
func (a *answerer) greet(q chdb.Question) (string, bool) {
	revision, err := strconv.ParseUint(q.Settings["client_protocol_version"], 10, 32)
	if err != nil {
		return "", false
	}
	hello, err := a.warehouse.Hello(q.SQL, int(revision))
	return string(hello), err == nil && hello != nil
}

func queryID(r *http.Request) string {
	id := first(r.URL.Query().Get("query_id"), r.Header.Get("X-ClickHouse-Query-Id"))
	if id == "" || len(id) > 200 || strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' }) {
		return rand.Text()
	}
	return id
}

// send writes the answer. One that breaks off ends with the error, marked as a server marks it, and then without the
// end that HTTP asks for, so that it looks complete to nobody.
func (a *answerer) send(w http.ResponseWriter, r *http.Request, answer *chdb.Answer) {
	tag := rand.Text()[:16]
	w.Header().Set("Content-Type", contentType(answer.Format))
	w.Header().Set("X-ClickHouse-Format", answer.Format)
	w.Header().Set("X-ClickHouse-Exception-Tag", tag)
	slow := &patient{ResponseWriter: w, control: http.NewResponseController(w)}
	out, err := packing(slow, r)
	if err != nil {
		asException(err).write(w, r)
		return
	}
	_, failed := io.Copy(out, answer)
	if failed == nil {
		failed = out.Close()
	}
	if failed == nil {
		return
	}
	if slow.failed != nil || r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody reads on
	}
	var end io.Writer = out
	if blocks, ok := out.(blocked); ok {
		// A server writes it behind the blocks as it is, and there the drivers look for it.
		_ = blocks.Flush()
		end = slow
	}
	text := asException(failed).text + "\n"
	fmt.Fprintf(end, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", tag, text, len(text), tag)
	_ = out.Close()
	_ = slow.control.Flush()
	panic(http.ErrAbortHandler)
}

// patient waits for a slow reader, but not for one that has stopped.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	failed  error
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(stall)) // not every connection has one
	n, err := p.ResponseWriter.Write(b)
	if err != nil {
		p.failed = err
	}
	return n, err
}

func contentType(format string) string {
	switch {
	case strings.HasPrefix(format, "JSON") && strings.Contains(format, "EachRow"), format == "JSONLines", format == "NDJSON":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(format, "CSVWithNames"):
		return "text/csv; charset=UTF-8; header=present"
	case strings.HasPrefix(format, "CSV"):
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(format, "TSV"), strings.HasPrefix(format, "TabSeparated"):
		return "text/tab-separated-values; charset=UTF-8"
	case format == "XML":
		return "application/xml; charset=UTF-8"
	case format == "Native", strings.HasPrefix(format, "RowBinary"), strings.HasPrefix(format, "Arrow"), format == "Parquet", format == "ORC", format == "Avro", format == "MsgPack":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
