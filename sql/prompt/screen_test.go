package prompt

import (
	"bytes"
	"testing"
)

func TestScreenShowsControlCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\n": "plain\ttext\n",
		"┌─\x1b[1mid\x1b[0m─┐ \x1b[90m1.\x1b[0m": "┌─\x1b[1mid\x1b[0m─┐ \x1b[90m1.\x1b[0m",
		"a\x1b[31mred":                          "a^[[31mred",
		"\x1b]0;title\x07":                      "^[]0;title^G",
		"\x1b[2J\x1b[H\r\x7f":                   "^[[2J^[[H^M^?",
		"c1 \u009b31m, turned \u202e, \xff\xfe": "c1 \ufffd31m, turned \ufffd, \ufffd\ufffd",
		"ends in \x1b":                          "ends in ^[",
		"ends in \x1b[9":                        "ends in ^[[9",
		"ends in \xe2\x94":                      "ends in \ufffd\ufffd",
	} {
		for size := 1; size <= len(in); size++ { // however the writes fall
			var out bytes.Buffer
			s := &Screen{Out: &out}
			for from := 0; from < len(in); from += size {
				if _, err := s.Write([]byte(in[from:min(from+size, len(in))])); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Flush(); err != nil {
				t.Fatal(err)
			}
			if out.String() != want {
				t.Fatalf("%q in writes of %d: got %q, want %q", in, size, out.String(), want)
			}
		}
	}
}
