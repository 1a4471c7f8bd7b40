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
