package chdb

import (
	"context"
	"io"
	"maps"
	"strings"
	"testing"
	"time"
)

func TestLimitsAreOnlyLowered(t *testing.T) {
	l := Limits{MaxExecutionTime: 10 * time.Second, MaxMemoryUsage: 1000}
	got, err := l.admit(map[string]string{
		"max_execution_time": "2.5", "max_memory_usage": "2000", "max_result_rows": "7", "max_rows_to_read": "0",
		"output_format_json_quote_64bit_integers": "1", "session_id": "x", "readonly": "1",
	})
	want := map[string]string{"max_execution_time": "2.5", "max_result_rows": "7", "output_format_json_quote_64bit_integers": "1"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for name, value := range map[string]string{"max_threads": "1", "readonly": "0", "format_schema": "x", "output_format_x y": "1"} {
		_, err := l.admit(map[string]string{name: value})
		wantCode(t, err, codeReadonly)
	}
	for _, value := range []string{"-1", "nan", "x", ""} {
		_, err := l.admit(map[string]string{"max_execution_time": value})
		wantCode(t, err, codeCannotParse)
	}
}

// A setting of a format that names a file or an address is found here when another release brings one.
func TestFormatSettingsReachNothing(t *testing.T) {
	body, err := shared.Query(context.Background(), "SELECT name FROM system.settings WHERE match(description, '(?i)\\\\b(path|url|registry)\\\\b')", "TSV", nil)
	must(t, err)
	defer body.Close()
	names, err := io.ReadAll(body)
	must(t, err)
	if !strings.Contains(string(names), "format_template_row\n") {
		t.Fatalf("the question does not find what it should:\n%s", names)
	}
	for _, name := range strings.Fields(string(names)) {
		if ofFormat(name) && name != "output_format_compression_level" { // it speaks of INTO OUTFILE
			t.Errorf("a user's query may set %s", name)
		}
	}
}
