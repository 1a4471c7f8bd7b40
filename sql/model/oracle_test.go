package model

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/sql/model/oracle"
)

// Every KPI over 1,050 random worlds: the SQL says what the plain loops say that
// were written from the same prose.
func TestOracle(t *testing.T) {
	conn := ground(t)
	for _, p := range oracle.Plans {
		t.Run(p.Name, func(t *testing.T) {
			c := settle(t, conn, p)
			if err := buildWorlds(conn, c, shared.models); err != nil {
				t.Fatal(err)
			}
			differences, err := compareWorlds(conn, c, shared.models)
			if err != nil {
				t.Fatal(err)
			}
			report(t, differences)
		})
	}
}

// A KPI that the oracle does not know would go unchecked.
func TestOracleKnowsEveryKPI(t *testing.T) {
	engine(t)
	for _, k := range catalogue(shared.models) {
		if oracle.KPIs[k.Name] == nil {
			t.Errorf("sql/model/oracle has no %s: write it from the definition, not from the SQL", k.Name)
		}
	}
}

// report prints the first differences of each KPI.
func report(t *testing.T, differences []string) {
	t.Helper()
	shown := map[string]int{}
	for _, d := range differences {
		kpi, _, _ := strings.Cut(d, " ")
		if shown[kpi]++; shown[kpi] <= 4 {
			t.Error(d)
		}
	}
	for _, kpi := range slices.Sorted(maps.Keys(shown)) {
		t.Errorf("%s: %d differences", kpi, shown[kpi])
	}
}

// catalogue are the KPIs of these models, as the oracle asks for them.
func catalogue(models []*Model) []oracle.KPI {
	var kpis []oracle.KPI
	for _, m := range models {
		for _, k := range m.KPIs {
			kpis = append(kpis, oracle.KPI{Name: k.Name, Kind: k.Kind, Entity: k.Entity, Stock: k.Stock, Dims: k.Dims})
		}
	}
	return kpis
}
