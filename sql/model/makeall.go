package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Most of a small model's time is the engine's planning, which takes one core, so
// several are computed side by side. A large one takes all cores and much memory:
// then each runs alone.
const (
	sideBySide = 4
	largeRows  = 2_000_000 // staged, in all
)

// makeAll computes the tables of a build and checks them, each after those that it
// reads. The failures come in the order of the nodes.
func (b *Building) makeAll(ctx context.Context, nodes []*node) ([]Failure, error) {
	slots := sideBySide
	if b.stagedRows > largeRows {
		slots = 1
	}
	done := map[string]chan struct{}{}
	for _, n := range nodes {
		done[n.name] = make(chan struct{})
	}
	var common []Check // what holds for the rows of every KPI file
	for _, n := range nodes {
		if n.name == Evidence {
			common = n.model.Checks
		}
	}
	free := make(chan struct{}, slots)
	failures := make([][]Failure, len(nodes))
	group, ctx := errgroup.WithContext(ctx)
	for i, n := range nodes {
		group.Go(func() error {
			for _, r := range n.reads {
				if done[r] == nil {
					continue // staging and state tables are there already
				}
				select {
				case <-done[r]:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			defer func() { <-free }()
			err := b.make(ctx, n)
			if err == nil {
				failures[i], err = b.check(ctx, n, common)
			}
			if err == nil {
				close(done[n.name])
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(failures...), nil
}

// check runs what a model's header promises of its rows, and for a KPI file what
// holds for all evidence.
func (b *Building) check(ctx context.Context, n *node, common []Check) ([]Failure, error) {
	if n.model == nil {
		return nil, nil
	}
	checks, table, mine := n.model.Checks, n.name, fmt.Sprintf("build = %d", b.ID)
	if n.model.Layer == KPIs {
		checks = append(slices.Clone(checks), common...)
		names := make([]string, len(n.model.KPIs))
		for i, k := range n.model.KPIs {
			names[i] = literal(k.Name)
		}
		table, mine = Evidence, mine+" AND kpi IN ("+strings.Join(names, ", ")+")"
	}
	if len(checks) == 0 {
		return nil, nil
	}
	ctx = queryContext(ctx, b.AsOf)
	if holds, err := holding(ctx, b.conn, n.model, checks, physical(table)+" WHERE "+mine); holds || err != nil {
		return nil, err
	}
	from := fmt.Sprintf("(SELECT * EXCEPT(build) FROM %s WHERE %s)", physical(table), mine)
	var failures []Failure
	for _, c := range checks {
		f, err := c.run(ctx, b.conn, n.model, from)
		if err != nil {
			return nil, err
		}
		if f != nil {
			failures = append(failures, *f)
		}
	}
	return failures, nil
}
