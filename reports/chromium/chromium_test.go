package chromium

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestFindSaysWhatToDo(t *testing.T) {
	for named, says := range map[string]string{"": "install one", "/nowhere/chromium": "correct or unset it"} {
		t.Setenv("PATH", t.TempDir())
		t.Setenv(Variable, named)
		_, err := Find()
		if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), Variable) {
			t.Errorf("%q: %v", named, err)
		}
		if _, err := Start(t.Context()); !errors.Is(err, ErrMissing) {
			t.Errorf("%q: started with %v", named, err)
		}
	}
}

func TestDatedSetsTheTwoMomentsOnly(t *testing.T) {
	const text = "%PDF-1.4\n1 0 obj\n<</Creator (Chromium)\n/CreationDate (D:20260101020304+00'00')\n/ModDate (D:20260101020304+00'00')>>\nendobj\n" +
		"2 0 obj\n<</Note (D:20260101020304+00'00') /ModDate (D:20260101020304+00'00')>>\nendobj\n"
	first, rest, _ := strings.Cut(text, "endobj")
	want := strings.ReplaceAll(first, "20260101020304", "20261005123456") + "endobj" + rest
	melbourne := time.FixedZone("", 11*60*60)
	got, err := dated([]byte(text), time.Date(2026, 10, 5, 23, 34, 56, 0, melbourne))
	if err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	for _, bad := range []string{"", "<html>", strings.Replace(text, "/ModDate", "/Moment", 1), strings.TrimPrefix(text, "%")} {
		if _, err := dated([]byte(bad), time.Unix(0, 0)); err == nil {
			t.Errorf("took %.40q", bad)
		}
	}
}
