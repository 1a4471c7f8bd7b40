package forget

import (
	"context"
	"slices"
	"testing"
)

// TestLookBehindEmptiedPayloads has a person whose records retention has emptied: what was staged of them connects.
func TestLookBehindEmptiedPayloads(t *testing.T) {
	ctx, w := context.Background(), storeOf(t)
	for _, statement := range []string{
		"INSERT INTO raw_records (source, entity, id, payload, rest) VALUES ('pd', 'user', 'PMVLRNH', '', ''), ('pd', 'oncall', 'x', '', '{\"user\":\"PMVLRNH\"}')",
		"INSERT INTO stg_people (source, id, name) VALUES ('pd', 'PMVLRNH', 'E. Brandt'), ('pd', 'POTHER1', 'F. Brandt')",
		"INSERT INTO stg_oncall_shifts (source, id, person_id, person) VALUES ('pd', 's1', 'PMVLRNH', 'Erika Brandt'), ('pd', 's2', 'PMVLRNH', 'E. Brandt')",
	} {
		must(t, w.Exec(ctx, statement))
	}
	s, err := Look(ctx, w, []string{"e. brandt"})
	must(t, err)
	if !slices.Equal(s.Connected, []string{"Erika Brandt", "PMVLRNH"}) {
		t.Errorf("connected is %q", s.Connected)
	}
	if s.Records != 2 || s.Rows != 3 || !slices.Equal(s.Tables, []Place{{Table: "stg_oncall_shifts", Records: 2}, {Table: "stg_people", Records: 1}}) {
		t.Errorf("%d records, %d rows, of %v", s.Records, s.Rows, s.Tables)
	}
	if !slices.Equal(s.Lookalikes, []Place{{Text: "F. Brandt", Records: 1}}) {
		t.Errorf("alike are %v", s.Lookalikes)
	}

	// What lands after that is not covered by it.
	must(t, w.Exec(ctx, "INSERT INTO stg_oncall_shifts (source, id, person_id, person) VALUES ('pd', 's3', 'PMVLRNH', 'Erika Mustermann')"))
	later, err := Look(ctx, w, []string{"e. brandt"})
	must(t, err)
	if s.Covers(later) || !later.Covers(s) {
		t.Error("what is connected later was agreed to before")
	}
}
