package model

import (
	"fmt"
	"slices"
	"strings"
)

// node is one table of a build: a model, or an input that Go fills.
type node struct {
	name  string
	reads []string
	model *Model
	input *Input
}

// nodesOf lists what a build makes: every model but the staging ones, and the inputs.
func nodesOf(models []*Model, inputs []Input) []*node {
	var nodes []*node
	evidence := &node{name: Evidence}
	for _, m := range models {
		switch {
		case m.Layer == Staging:
			continue
		case m.Name == Evidence:
			evidence.model = m
			evidence.reads = append(evidence.reads, m.Reads...)
			nodes = append(nodes, evidence)
		default:
			nodes = append(nodes, &node{name: m.Name, reads: m.Reads, model: m})
		}
		if m.Layer == KPIs {
			// A KPI file writes into the evidence, so the evidence's table stands
			// first and whoever reads it comes after all KPI files.
			n := nodes[len(nodes)-1]
			n.reads = append([]string{Evidence}, n.reads...)
		}
	}
	for _, n := range nodes {
		for _, r := range n.reads {
			if r == Evidence && n.model.Layer != KPIs {
				for _, m := range models {
					if m.Layer == KPIs {
						n.reads = append(n.reads, m.Name)
					}
				}
				break
			}
		}
	}
	for i := range inputs {
		nodes = append(nodes, &node{name: inputs[i].Name, reads: inputs[i].Reads, input: &inputs[i]})
	}
	return nodes
}

// ordered sorts nodes so that each comes after what it reads. What no node
// makes (the staging and state tables) is there already. A circle is an error
// that names it.
func ordered(nodes []*node) ([]*node, error) {
	byName := map[string]*node{}
	for _, n := range nodes {
		byName[n.name] = n
	}
	var out []*node
	state := map[string]int{} // 1: being visited, 2: done
	var visit func(n *node, path []string) error
	visit = func(n *node, path []string) error {
		path = append(path, n.name)
		switch state[n.name] {
		case 1:
			return fmt.Errorf("models read each other in a circle: %s", strings.Join(path, " → "))
		case 2:
			return nil
		}
		state[n.name] = 1
		reads := slices.Clone(n.reads)
		slices.Sort(reads)
		for _, r := range reads {
			if next := byName[r]; next != nil {
				if err := visit(next, path); err != nil {
					return err
				}
			}
		}
		state[n.name] = 2
		out = append(out, n)
		return nil
	}
	sorted := slices.Clone(nodes)
	slices.SortFunc(sorted, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	for _, n := range sorted {
		if err := visit(n, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}
