package model

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Tables are computed side by side; what a build says of itself does not depend
// on which of them was ready first.
func TestBuildSaysTheSameEveryTime(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	good := numbersIn([]any{"a", int64(1)}, []any{"b", int64(2)})
	bad := numbersIn([]any{"a", int64(-1)}, []any{"a", int64(-2)})
	first := mustBuild(t, conn, models, good)
	var said string
	for i := range 4 {
		if p := mustBuild(t, conn, models, good); p.Definition != first.Definition {
			t.Errorf("build %d: definition %s, of build 1: %s", p.ID, p.Definition, first.Definition)
		}
		_, err := build(t, conn, models, bad)
		var failed *CheckError
		if !errors.As(err, &failed) || len(failed.Failures) != 4 {
			t.Fatalf("got %v", err)
		}
		if file := failed.Failures[0].File; file != "kpis/big_numbers.sql" {
			t.Errorf("the first failure is of %s, not of the first model by name", file)
		}
		if i == 0 {
			said = err.Error()
		} else if diff := cmp.Diff(said, err.Error()); diff != "" {
			t.Errorf("the same rows fail in other words: was (-), is (+)\n%s", diff)
		}
	}
}
