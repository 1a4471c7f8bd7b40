package model

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// Roles is what the rules of a Jira source make of its issues.
type Roles struct {
	Kinds []RoleOf
	Idle  []int // rules that fit no issue, by their place from 1
}

// RoleOf is a kind of issue and what it is taken for.
type RoleOf struct {
	Project, Type, Role string
	Issues              uint64
}

// RolesOf reads what was staged of a source. A rule is idle when none of its
// types, projects or labels occurs.
func RolesOf(ctx context.Context, conn driver.Conn, src *configs.Source) (*Roles, error) {
	rows, err := conn.Query(ctx, "SELECT toString(project), toString(type), toString(role), count() FROM stg_tickets FINAL WHERE source = ? AND deleted = 0 GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3", src.Name)
	if err != nil {
		return nil, fmt.Errorf("read the roles of %s: %w", src.Name, err)
	}
	defer rows.Close()
	r := &Roles{}
	for rows.Next() {
		var k RoleOf
		if err := rows.Scan(&k.Project, &k.Type, &k.Role, &k.Issues); err != nil {
			return nil, err
		}
		r.Kinds = append(r.Kinds, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the roles of %s: %w", src.Name, err)
	}
	for i, rule := range src.Issues {
		if rule.JQL == "" && !slices.ContainsFunc(r.Kinds, func(k RoleOf) bool { return fits(rule.Project, k.Project) && fits(rule.Type, k.Type) }) {
			r.Idle = append(r.Idle, i+1)
		}
	}
	return r, nil
}

func fits(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, value) })
}

// rolesShown bounds the list: the rarest kinds matter least.
const rolesShown = 15

// Write prints the roles for a person, who must see what is a plain ticket that
// should be none.
func (r *Roles) Write(out io.Writer, src *configs.Source) {
	if len(r.Kinds) == 0 {
		return
	}
	fmt.Fprintln(out, "         what its issues are taken for; change it under issues:")
	for i, k := range r.Kinds {
		if i == rolesShown {
			fmt.Fprintf(out, "           and %d rarer kinds\n", len(r.Kinds)-rolesShown)
			break
		}
		fmt.Fprintf(out, "           %-12s %-24s %-12s %d\n", k.Project, k.Type, k.Role, k.Issues)
	}
	for _, n := range r.Idle {
		rule := src.Issues[n-1]
		fmt.Fprintf(out, "         rule %d of issues (%s: %s) fits none of these\n", n, rule.Is, strings.Join(append(slices.Clone(rule.Project), rule.Type...), ", "))
	}
}
