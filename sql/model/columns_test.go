package model

import (
	"context"
	"slices"
	"testing"
)

// compareColumns names what a table has and its documentation lacks, and the
// other way round.
func compareColumns(documented []Column, have []column) (undocumented, ghosts []string) {
	for _, h := range have {
		if !slices.ContainsFunc(documented, func(c Column) bool { return c.Name == h.name }) {
			undocumented = append(undocumented, h.name)
		}
	}
	for _, c := range documented {
		if !slices.ContainsFunc(have, func(h column) bool { return h.name == c.Name }) {
			ghosts = append(ghosts, c.Name)
		}
	}
	return undocumented, ghosts
}

// The columns that a header documents are those of the published table, in name,
// order does not matter, and the table carries their meaning.
func TestColumnsAreDocumented(t *testing.T) {
	w := engine(t)
	for _, m := range shared.models {
		if m.Layer != Mart {
			continue
		}
		have, err := describe(context.Background(), w, m.Name)
		if err != nil {
			t.Fatal(err)
		}
		undocumented, ghosts := compareColumns(m.Columns, have)
		for _, c := range undocumented {
			t.Errorf("%s: the column %s is not documented", m.File, c)
		}
		for _, c := range ghosts {
			t.Errorf("%s: documents the column %s, which the model does not make", m.File, c)
		}
		stored, err := describe(context.Background(), w, physical(m.Name))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range stored[1:] {
			if c.comment != m.meaning(c.name) {
				t.Errorf("%s: the table says of %s %q, its header %q", m.Name, c.name, c.comment, m.meaning(c.name))
			}
		}
	}
}

func TestColumnsComparisonFindsBothWays(t *testing.T) {
	undocumented, ghosts := compareColumns([]Column{{"id", "x"}, {"ghost", "x"}}, []column{{name: "id"}, {name: "new"}})
	if !slices.Equal(undocumented, []string{"new"}) || !slices.Equal(ghosts, []string{"ghost"}) {
		t.Errorf("got %v and %v", undocumented, ghosts)
	}
}

// Times are DateTime64(3, 'UTC') everywhere, as the analysts' contract says.
func TestColumnsOfTimesAreUTC(t *testing.T) {
	got := lines(t, engine(t), `SELECT table, name, type FROM system.columns
		WHERE database = 'srekpi' AND table NOT LIKE 'goose%' AND type LIKE '%DateTime%' AND type NOT IN ('DateTime64(3, \'UTC\')', 'Nullable(DateTime64(3, \'UTC\'))')`)
	if len(got) > 0 {
		t.Errorf("other types of time: %v", got)
	}
}

// Every KPI file returns the columns of kpi_evidence, each of a type that goes
// into it without a loss.
func TestColumnsOfKPIsAreThoseOfEvidence(t *testing.T) {
	w, ctx := engine(t), context.Background()
	evidence, err := describe(ctx, w, physical(Evidence))
	if err != nil {
		t.Fatal(err)
	}
	evidence = evidence[1:] // without build
	for _, m := range shared.models {
		if m.Layer != KPIs {
			continue
		}
		have, err := describe(queryContext(ctx, asOf), w, "("+m.SQL+")")
		if err != nil {
			t.Errorf("%s: %v", m.File, err)
			continue
		}
		for _, e := range evidence {
			i := slices.IndexFunc(have, func(h column) bool { return h.name == e.name })
			if i < 0 {
				t.Errorf("%s: lacks %s", m.File, e.name)
			} else if typ := have[i].typ; typ != e.typ && "Nullable("+typ+")" != e.typ && typ != "LowCardinality("+e.typ+")" {
				t.Errorf("%s: %s is %s and does not fit %s", m.File, e.name, typ, e.typ)
			}
		}
		for _, h := range have {
			if !slices.ContainsFunc(evidence, func(e column) bool { return e.name == h.name }) {
				t.Errorf("%s: returns %s, which kpi_evidence lacks", m.File, h.name)
			}
		}
	}
}
