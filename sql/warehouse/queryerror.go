package warehouse

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// QueryError is what the engine finds wrong with a query, without what only its developers read, and the next step.
type QueryError struct {
	Err  error // as the engine said it
	text string
}

func (e *QueryError) Error() string { return e.text }
func (e *QueryError) Unwrap() error { return e.Err }

// queryError makes the engine's exceptions readable; other errors pass.
func queryError(err error) error {
	var ex *clickhouse.Exception
	var done *QueryError
	if !errors.As(err, &ex) || errors.As(err, &done) {
		return err
	}
	text := fmt.Sprintf("Code %d", ex.Code)
	if name := codeName(ex); name != "" {
		text += " (" + name + ")"
	}
	return &QueryError{Err: err, text: text + ": " + plain(ex) + nextStep(ex)}
}

func codeName(ex *clickhouse.Exception) string {
	if ex.CodeName != "" {
		return ex.CodeName
	}
	if names := namesOfCodes.FindStringSubmatch(ex.Message); names != nil {
		return names[1]
	}
	return ""
}

var (
	namesOfCodes = regexp.MustCompile(`\(([A-Z][A-Z0-9_]{3,})\)`)
	// noise repeats what the beginning of the text says.
	noise = regexp.MustCompile(`Code: \d+\. DB::Exception: | ?\(version [^)]*\)\.?| ?\([A-Z][A-Z0-9_]{3,}\)\.?`)
	// ours is the statement in which the user's text was read.
	ours     = regexp.MustCompile(`(?s):? In scope SELECT formatQuery\(.*$`)
	expected = regexp.MustCompile(`(?s)\. Expected one of: (.*)$`)
)

func plain(ex *clickhouse.Exception) string {
	text := ours.ReplaceAllString(noise.ReplaceAllString(ex.Message, ""), "")
	// Where a name may stand everything may, and the list of it says nothing.
	if list := expected.FindStringSubmatch(text); list != nil && strings.Count(list[1], ",") > 8 {
		text = strings.TrimSuffix(text, list[0])
	}
	return strings.TrimRight(strings.TrimSpace(text), ".?")
}

// NextStep is what to do about an exception where that does not depend on how the query was sent, or "".
func NextStep(ex *clickhouse.Exception) string {
	if ex.Code == 60 {
		return "; SHOW TABLES lists what there is"
	}
	return ""
}

func nextStep(ex *clickhouse.Exception) string {
	if step := NextStep(ex); step != "" {
		return step
	}
	switch ex.Code {
	case 456:
		return "; give it a value with --param NAME=VALUE, at the prompt with \\param NAME VALUE"
	case 47:
		return "; DESCRIBE TABLE lists the columns of a table"
	case 73:
		return "; SELECT name FROM system.formats WHERE is_output lists the formats"
	case 159:
		return "; ask for less, a shorter range of time or fewer tables"
	case 241:
		return "; ask for less, group by fewer columns, or export the tables and work on them elsewhere"
	case 396:
		return "; add a LIMIT or group the rows; `srekpi export` writes whole tables"
	}
	return ""
}
