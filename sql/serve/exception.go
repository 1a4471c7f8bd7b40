package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// exception is an error as ClickHouse writes it.
type exception struct {
	code   int32
	status int // where it is not the one of the code
	text   string
}

func (e *exception) Error() string { return e.text }

// Codes of ClickHouse that are given here.
const (
	codeTimeout   = 159
	codeReadonly  = 164
	codeTooMany   = 202
	codeNetwork   = 210
	codeCancelled = 394
	codePassword  = 194
	codeLogin     = 516
)

// asException gives every error of a query ClickHouse's form.
func asException(err error) *exception {
	var own *exception
	var engine *clickhouse.Exception
	var no *chdb.RefusedError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &engine):
		class := first(engine.Name, "DB::Exception")
		return &exception{code: engine.Code, text: short(fmt.Sprintf("Code: %d. %s: %s", engine.Code, class, engine.Message)) + warehouse.NextStep(engine)}
	case errors.As(err, &no):
		return &exception{code: codeReadonly, text: fmt.Sprintf("Code: %d. DB::Exception: %s. (READONLY)", codeReadonly, no)}
	case errors.Is(err, context.Canceled):
		return &exception{code: codeCancelled, text: fmt.Sprintf("Code: %d. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)", codeCancelled)}
	}
	return &exception{code: 1002, text: fmt.Sprintf("Code: 1002. DB::Exception: %v. (UNKNOWN_EXCEPTION)", err)}
}

// longest is how much of an error is told. The engine repeats the text that it is about, as often as it is nested.
const longest = 4 << 10

func short(text string) string {
	if len(text) <= longest {
		return text
	}
	half := longest / 2 // the name of the error stands at its end
	return strings.ToValidUTF8(text[:half], "") + " … " + strings.ToValidUTF8(text[len(text)-half:], "")
}

// errLate ends a statement that the engine itself did not stop in time.
var errLate = &exception{code: codeTimeout, text: fmt.Sprintf("Code: %d. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)", codeTimeout)}

// httpStatus is the status that a server gives an error.
func (e *exception) httpStatus() int {
	if e.status != 0 {
		return e.status
	}
	switch e.code {
	case codePassword:
		return http.StatusUnauthorized
	case 192, 193, 497, codeLogin:
		return http.StatusForbidden
	case 6, 7, 10, 15, 25, 26, 27, 36, 38, 41, 43, 44, 53, 62, 70, 72, 117, 131, 166, 167, 168, 301, 321, 427, 441, 675, 676:
		return http.StatusBadRequest
	case 46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336, 511:
		return http.StatusNotFound
	case 223:
		return http.StatusRequestEntityTooLarge
	case 48:
		return http.StatusNotImplemented
	case codeTimeout:
		return http.StatusRequestTimeout
	case codeTooMany, codeNetwork:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// write answers the request with the error.
func (e *exception) write(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(int(e.code)))
	status := e.httpStatus()
	body := []byte(e.text + "\n")
	// The driver for Java unpacks every answer but these two.
	if status != http.StatusUnauthorized && status != http.StatusForbidden && yes(r.URL.Query(), "compress") {
		if block, err := blockOf(r.URL.Query(), body); err == nil {
			body = block
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // who does not read it has gone
}
