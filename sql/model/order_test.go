package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql"
)

func names(nodes []*node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.name)
	}
	return strings.Join(out, " ")
}

// A model comes after all that it reads; among equals the name decides, and not
// the order of files.
func TestOrderByReads(t *testing.T) {
	nodes := []*node{{name: "d", reads: []string{"c", "stg_of_nobody"}}, {name: "c", reads: []string{"b", "z"}}, {name: "b"}, {name: "a", reads: []string{"z"}}, {name: "z"}}
	for range len(nodes) {
		nodes = append(nodes[1:], nodes[0])
		got, err := ordered(nodes)
		if err != nil {
			t.Fatal(err)
		}
		if want := "z a b c d"; names(got) != want {
			t.Errorf("got %s, want %s", names(got), want)
		}
	}
}

func TestOrderOfACircle(t *testing.T) {
	for want, nodes := range map[string][]*node{
		"models read each other in a circle: a → c → b → a": {{name: "a", reads: []string{"c"}}, {name: "b", reads: []string{"a"}}, {name: "c", reads: []string{"b"}}},
		"models read each other in a circle: a → a":         {{name: "a", reads: []string{"a"}}},
	} {
		if _, err := ordered(nodes); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A KPI file writes into the evidence, so the evidence's table comes before it
// and whoever reads the evidence after all KPI files.
func TestOrderOfTheRealModels(t *testing.T) {
	models, err := Load(sql.Models())
	if err != nil {
		t.Fatal(err)
	}
	inputs := append(ConfigInputs(&configs.Config{}, nil), CatalogueInput(models), periods(nil))
	nodes, err := ordered(nodesOf(models, inputs))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, n := range nodes {
		at[n.name] = i
	}
	for _, m := range models {
		for _, r := range m.Reads {
			if i, made := at[r]; made && i > at[m.Name] {
				t.Errorf("%s reads %s, which comes later", m.Name, r)
			}
			if _, made := at[r]; !made && !slices.Contains(schemaTables, r) {
				t.Errorf("%s reads %s, which nobody makes", m.Name, r)
			}
		}
		if m.Layer == KPIs && (at[m.Name] < at[Evidence] || at[m.Name] > at["kpi_values"]) {
			t.Errorf("%s does not stand between kpi_evidence and kpi_values", m.Name)
		}
	}
	if at["periods"] < at["sources"] {
		t.Error("periods comes before sources, whose range it needs")
	}
}
