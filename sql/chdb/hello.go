package chdb

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

func isHello(sql string) bool {
	return strings.TrimSpace(sql) == helloQuery
}

// greet answers the driver's first question on a connection. The driver reads this one reply at its own protocol
// revision and all later ones at the revision named in it. libchdb writes Native at revision 0, so the reply
// names 0 and is itself encoded anew at the driver's.
func (e *Engine) greet(req *http.Request) (*http.Response, error) {
	if e.ctx.Err() != nil {
		return nil, ErrClosed
	}
	hello, err := e.Hello(helloQuery, clickhouse.ClientTCPProtocolVersion)
	if err != nil {
		return nil, err
	}
	return response(req, http.StatusOK, io.NopCloser(bytes.NewReader(hello)), int64(len(hello))), nil
}

// Hello is the reply, in the format Native, to a driver of clickhouse-go of that protocol revision which connects with
// the text; nil when the text is another.
func (e *Engine) Hello(sql string, revision int) ([]byte, error) {
	if !isHello(sql) {
		return nil, nil
	}
	block := proto.NewBlock()
	if err := block.Decode(chproto.NewReader(bytes.NewReader(e.hello)), 0); err != nil {
		return nil, err
	}
	var buffer chproto.Buffer
	if err := block.Encode(&buffer, uint64(revision)); err != nil {
		return nil, err
	}
	return buffer.Buf, nil
}

// helloReply is made once, when the engine opens, so that a dial of the driver never waits for a connection.
func (s *session) helloReply() ([]byte, error) {
	return s.read("SELECT displayName() AS `displayName()`, version() AS `version()`, toUInt32(0) AS `revision()`, timezone() AS `timezone()`", "Native", nil)
}
