package prompt

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n-- only a comment;\n/* ; */;;", nil},
		{"one without an end", "SELECT 1", []string{"SELECT 1"}},
		{"two", "SELECT 1;\nSELECT 2;\n", []string{"SELECT 1", "SELECT 2"}},
		{"a literal", `SELECT ';', 'it''s;', '\';', "a;b", ` + "`c;d`; SELECT 2", []string{`SELECT ';', 'it''s;', '\';', "a;b", ` + "`c;d`", "SELECT 2"}},
		{"comments", "SELECT 1 -- a; b\n, 2 /* ; */ # x; y\n, 3 #! ;\n; SELECT 4", []string{"SELECT 1 -- a; b\n, 2 /* ; */ # x; y\n, 3 #! ;", "SELECT 4"}},
		{"a comment is kept with what follows", "-- first\nSELECT 1", []string{"-- first\nSELECT 1"}},
		{"heredocs", "SELECT $$;$$, $a$;$$;$a$; SELECT 2", []string{"SELECT $$;$$, $a$;$$;$a$", "SELECT 2"}},
		{"a dollar inside a name", "SELECT a$b$; SELECT $b$", []string{"SELECT a$b$", "SELECT $b$"}},
		{"a literal that is not closed", "SELECT 'a; SELECT 2", []string{"SELECT 'a; SELECT 2"}},
		{"a comment that is not closed", "SELECT 1 /* ; SELECT 2", []string{"SELECT 1 /* ; SELECT 2"}},
	} {
		if diff := cmp.Diff(c.want, Split(c.text)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestComplete(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1": false, "SELECT 1;": true, "SELECT 1; -- done": true, "SELECT ';": false, "SELECT 1 -- ;": false,
		"SELECT 1; SELECT 2": false, "SELECT /* ;": false, "": false, "SELECT $a$;": true, "SELECT $a$;$a$": false,
	} {
		if Complete(text) != want {
			t.Errorf("Complete(%q) = %v", text, !want)
		}
	}
}
