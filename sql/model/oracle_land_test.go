package model

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql/model/oracle"
)

// ground is a database for worlds. Its tables stay from plan to plan: making them
// costs more than a build.
func ground(t *testing.T) driver.Conn {
	t.Helper()
	conn := database(t)
	for _, table := range schemaTables {
		// Without a partition for each of so many sources.
		staged := strings.HasPrefix(table, "stg_")
		switch {
		case staged && slices.Contains([]string{"stg_incident_events", "stg_ticket_transitions"}, table):
			mustExec(t, conn, "CREATE TABLE "+table+" AS srekpi."+table+" ENGINE = ReplacingMergeTree(version) PARTITION BY tuple() ORDER BY (source, id, event_id)")
		case staged:
			mustExec(t, conn, "CREATE TABLE "+table+" AS srekpi."+table+" ENGINE = ReplacingMergeTree(version) PARTITION BY tuple() ORDER BY (source, id)")
		default:
			mustExec(t, conn, "CREATE TABLE "+table+" AS srekpi."+table)
		}
	}
	return conn
}

// settle lands the worlds of a plan, and no others.
func settle(t *testing.T, conn driver.Conn, p oracle.Plan) *oracle.Company {
	t.Helper()
	for _, table := range schemaTables {
		if strings.HasPrefix(table, "stg_") || table == "sync_runs" {
			mustExec(t, conn, "TRUNCATE TABLE "+table)
		}
	}
	c := p.Company()
	c.Compute()
	var incidents, steps, changes, tickets, transitions, statuses, worklogs, shifts, people, runs [][]any
	for _, w := range c.Worlds {
		for _, s := range w.Sources {
			if s.From.Known() && !s.Declared {
				runs = append(runs, []any{uint64(1), s.Name, "complete", when(s.From), when(s.To), uint64(1)})
			}
			if s.Type == "jira" {
				for _, st := range oracle.Statuses {
					statuses = append(statuses, []any{s.Name, "s-" + st[0], st[0], st[1]})
				}
			}
		}
		for _, r := range w.Incidents {
			incidents = append(incidents, []any{r.Source, r.ID, big.NewInt(int64(r.Version)), bit(r.Deleted), bit(r.Filtered), r.Key, r.URL, r.Title, listed(r.Services), listed(r.Teams),
				uint8(r.Severity), tri(r.Major), tri(r.Impact), bit(r.Exercise), when(r.Created), when(r.ImpactStarted), when(r.Acknowledged), when(r.Escalated), when(r.Mitigated),
				when(r.FirstResolved), when(r.Resolved), when(r.Closed), times(r.Reopens), r.ResolvedBy, r.MergedInto, r.AlertKey, r.Cause, r.FixOwner, r.CausedByChange, r.ProblemKey,
				r.DetectedBy, listed(r.SameAs), listed(r.CausedBy), listed(r.Duplicates)})
		}
		for _, s := range w.Steps {
			steps = append(steps, []any{s.Source, s.ID, s.EventID, uint64(s.Seq), bit(s.Deleted), when(s.At), s.Kind, s.Actor, s.Detail})
		}
		for _, r := range w.Changes {
			changes = append(changes, []any{r.Source, r.ID, bit(r.Deleted), bit(r.Filtered), r.Key, r.URL, r.Title, listed(r.Services), listed(r.Teams), r.Kind, r.Type, r.Risk, r.Environment,
				when(r.Created), when(r.PlannedStart), when(r.Started), when(r.Ended), when(r.Closed), r.Outcome, r.Parent, listed(r.CausedIncidents), listed(r.SameAs)})
		}
		for _, k := range w.Tickets {
			links := []map[string]any{}
			for _, l := range k.Links {
				links = append(links, map[string]any{"kind": l.Kind, "key": l.Key, "id": l.ID})
			}
			var due *time.Time
			if d, err := time.Parse(time.DateOnly, k.DueOn); err == nil {
				due = &d
			}
			var points *float64
			if k.Points >= 0 {
				points = &k.Points
			}
			tickets = append(tickets, []any{k.Source, k.ID, bit(k.Deleted), k.Key, k.URL, k.Title, k.Role, k.Type, k.Project, listed(k.Labels), listed(k.Services), listed(k.Teams), k.Status,
				"s-" + k.Status, k.Resolution, k.Assignee, k.Parent, listed(k.Sprints), when(k.SprintStarted), points, k.Cause, when(k.Created), when(k.Resolved), due, links})
		}
		for _, m := range w.Transitions {
			transitions = append(transitions, []any{m.Source, m.ID, m.EventID, uint64(m.Seq), when(m.At), m.Actor, m.Field, m.FromID, m.From, m.ToID, m.To})
		}
		for _, l := range w.Worklogs {
			worklogs = append(worklogs, []any{l.Source, l.ID, l.TicketID, l.Person, when(l.Started), uint32(l.Seconds)})
		}
		for _, s := range w.Shifts {
			shifts = append(shifts, []any{s.Source, s.ID, s.PersonID, s.Person, s.Schedule, s.Policy, uint8(s.Level), when(s.Starts), when(s.Ends)})
		}
		for _, p := range w.People {
			people = append(people, []any{p.Source, p.ID, p.Name, p.Zone})
		}
	}
	land(t, conn, "sync_runs", "run_id, source, status, covers_from, covers_to, version", runs)
	land(t, conn, "stg_incidents", `source, id, version, deleted, filtered, key, url, title, services, teams, severity, major, customer_impact, exercise, created_at, impact_started_at,
		acknowledged_at, escalated_at, mitigated_at, first_resolved_at, resolved_at, closed_at, reopen_count, resolved_by, merged_into, alert_key, cause, fix_owner, caused_by_change,
		problem_key, detected_by, same_as, caused_by, duplicates`, incidents)
	land(t, conn, "stg_incident_events", "source, id, event_id, seq, deleted, at, kind, actor, detail", steps)
	land(t, conn, "stg_changes", `source, id, deleted, filtered, key, url, title, services, teams, kind, type, risk, environment, created_at, planned_start, started_at, ended_at, closed_at,
		outcome, parent_change, caused_incidents, same_as`, changes)
	land(t, conn, "stg_tickets", `source, id, deleted, key, url, title, role, type, project, labels, services, teams, status, status_id, resolution, assignee, parent, sprints, sprint_started_at, points, cause,
		created_at, resolved_at, due_on, links`, tickets)
	land(t, conn, "stg_ticket_transitions", "source, id, event_id, seq, at, actor, field, from_id, from_value, to_id, to_value", transitions)
	land(t, conn, "stg_statuses", "source, id, name, category", statuses)
	land(t, conn, "stg_worklogs", "source, id, ticket_id, person, started_at, seconds", worklogs)
	land(t, conn, "stg_oncall_shifts", "source, id, person_id, person, schedule, policy, level, starts_at, ends_at", shifts)
	land(t, conn, "stg_people", "source, id, name, time_zone", people)
	return c
}

func land(t *testing.T, conn driver.Conn, table, columns string, rows [][]any) {
	t.Helper()
	batch, err := conn.PrepareBatch(context.Background(), "INSERT INTO "+table+" ("+columns+")", driver.WithCloseOnFlush())
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	for _, row := range rows {
		if err := batch.Append(row...); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

func when(m oracle.Moment) *time.Time {
	if !m.Known() {
		return nil
	}
	t := m.Time()
	return &t
}

func bit(b bool) uint8 { return flag(b) }

func tri(v int) *uint8 {
	if v < 0 {
		return nil
	}
	b := uint8(v)
	return &b
}

func times(n int) *uint32 {
	if n < 0 {
		return nil
	}
	c := uint32(n)
	return &c
}

// buildWorlds runs the models over the worlds.
func buildWorlds(conn driver.Conn, c *oracle.Company, models []*Model) error {
	var rows [][]any
	for _, p := range oracle.Periods() {
		start, err := time.Parse(time.DateOnly, p.Start)
		if err != nil {
			return err
		}
		rows = append(rows, []any{p.Kind, start, p.Begins.Time(), p.Ends.Time(), p.Start})
	}
	inputs := append(ConfigInputs(c.Config, nil), CatalogueInput(models), periods(rows))
	_, err := Build(context.Background(), conn, models, BuildOptions{AsOf: c.AsOf.Time(), Inputs: inputs, Now: clock})
	return err
}
