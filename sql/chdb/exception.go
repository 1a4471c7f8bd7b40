package chdb

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Codes of ClickHouse that this package gives itself.
const (
	codeNotImplemented = 48
	codeCannotParse    = 72
	codeUnknownSetting = 115
	codeReadonly       = 164
	codeNoDataToInsert = 108
	codeCancelled      = 394
)

// streamNotAllowed is in the refusal of chdb_stream_query for CREATE, INSERT, CHECK …
const streamNotAllowed = "Streaming query is not supported"

var (
	codeRe = regexp.MustCompile(`^Code:\s*(\d+)\.\s*`)
	nameRe = regexp.MustCompile(`\(([A-Z][A-Z0-9_]+)\)`)
)

// exception turns the engine's error text into the driver's error type, so that callers look at a Code
// and not at how the statement was run.
func exception(text string) error {
	match := codeRe.FindStringSubmatch(text)
	if match == nil {
		return fmt.Errorf("engine: %s", strings.TrimSpace(text))
	}
	code, _ := strconv.ParseInt(match[1], 10, 32)
	message, name := text[len(match[0]):], ""
	if class, rest, ok := strings.Cut(message, ": "); ok && strings.HasSuffix(class, "Exception") {
		name, message = class, rest
	}
	var codeName string
	if all := nameRe.FindAllStringSubmatch(message, -1); all != nil {
		codeName = all[len(all)-1][1]
	}
	return &clickhouse.Exception{Code: int32(code), Name: name, CodeName: codeName, Message: strings.TrimSpace(message)}
}

func exceptionf(code int, format string, args ...any) error {
	return exception(fmt.Sprintf("Code: %d. DB::Exception: ", code) + fmt.Sprintf(format, args...))
}

// exceptionText is what a server would send for the error; the driver reads the Code out of it.
func exceptionText(e *clickhouse.Exception) string {
	class := e.Name
	if class == "" {
		class = "DB::Exception"
	}
	return fmt.Sprintf("Code: %d. %s: %s", e.Code, class, e.Message)
}

func exceptionResponse(req *http.Request, e *clickhouse.Exception) *http.Response {
	text := exceptionText(e)
	resp := response(req, http.StatusInternalServerError, textBody(text), int64(len(text)))
	resp.Header.Set("X-ClickHouse-Exception-Code", strconv.Itoa(int(e.Code)))
	return resp
}

// unsupported says that a statement only runs whole; the engine refuses it before it starts.
func unsupported(text string) bool {
	return strings.Contains(text, streamNotAllowed)
}
