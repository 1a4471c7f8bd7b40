package model

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// Fit is how well the rules of the config fit what a build has made of the
// records: what no rule covers, and how much of the work it is.
type Fit struct {
	Work      Tally   // of what is read, by class; '' is unclassified
	Classes   []Tally // the most hours first
	Open      []Kind  // tickets that no rule of work fits, the most hours first
	OpenKinds int     // how many kinds there are, Open being the first of them
	Homeless  float64 // hours booked on tickets that are not known
	IdleWork  []int   // places from 1 of rules of work that decide nothing

	Incidents   uint64 // that count: no exercise, not merged into another, no flap
	Blanks      []Share
	Unjudged    []Share // incidents that cannot be compared with earlier ones, by reason
	Untargeted  []Share // incidents without a target, by severity
	IdleTargets []int   // places from 1 of targets that count for no incident
	Twins       uint64
	TwinPairs   []Twin // the first few

	Unlisted []Unlisted
	Names    map[string]uint64 // how many such names there are, by kind
}

// Tally is how many tickets there are of a kind, and the hours booked on them.
type Tally struct {
	Name    string
	Tickets uint64
	Hours   float64
}

// Kind is a kind of ticket, with its first few projects.
type Kind struct {
	Source, Type string
	Tally
	Projects []Tally
	More     uint64 // projects besides
}

// Share is a part of the incidents.
type Share struct {
	What      string
	Incidents uint64
}

// Twin is two incidents that may be one.
type Twin struct{ Service, Key, Source, OtherKey, OtherSource string }

// Unlisted is a name in the records that the config does not list.
type Unlisted struct {
	Kind    string // service or team
	Name    string
	Records uint64
	Sources []string
	Like    string // the listed name that it resembles; empty: none
}

// shown bounds each list of what is left over.
const shown = 10

// counting chooses the incidents that KPIs count.
const counting = "exercise = 0 AND merged_into = '' AND flap_of = ''"

// FitOf reads the published build.
func FitOf(ctx context.Context, conn driver.Conn, cfg *configs.Config) (*Fit, error) {
	f := &Fit{Names: map[string]uint64{}}
	for _, read := range []func(context.Context, driver.Conn, *configs.Config) error{f.readWork, f.readIncidents, f.readTargets, f.readTwins, f.readNames} {
		if err := read(ctx, conn, cfg); err != nil {
			return nil, fmt.Errorf("read how the rules fit: %w", err)
		}
	}
	return f, nil
}

func (f *Fit) readWork(ctx context.Context, conn driver.Conn, cfg *configs.Config) error {
	err := each(ctx, conn, `SELECT class, sum(tickets), sum(hours) FROM (
			SELECT work_class AS class, toUInt64(1) AS tickets, 0. AS hours FROM tickets
			UNION ALL SELECT work_class AS class, toUInt64(0) AS tickets, hours FROM worklogs WHERE ticket_key != ''
		) GROUP BY class ORDER BY sum(hours) DESC, sum(tickets) DESC, class`,
		func(scan func(...any) error) error {
			var t Tally
			if err := scan(&t.Name, &t.Tickets, &t.Hours); err != nil {
				return err
			}
			f.Work.Tickets, f.Work.Hours = f.Work.Tickets+t.Tickets, f.Work.Hours+t.Hours
			f.Classes = append(f.Classes, t)
			return nil
		})
	if err != nil || f.Work.Tickets == 0 {
		return err
	}
	if err := conn.QueryRow(ctx, "SELECT sum(hours) FROM worklogs WHERE ticket_key = ''").Scan(&f.Homeless); err != nil {
		return err
	}
	err = each(ctx, conn, fmt.Sprintf(`SELECT source, type, sum(n) AS tickets, sum(h) AS hours, arrayReverseSort(p -> (p.3, p.2), groupArray((project, n, h))) AS projects, toInt64(count() OVER ()) FROM (
			SELECT t.source AS source, t.type AS type, t.project AS project, count() AS n, sum(ifNull(w.hours, 0)) AS h
			FROM (SELECT * FROM tickets WHERE work_class = '') AS t
			LEFT JOIN (SELECT ticket_id, sum(hours) AS hours FROM worklogs GROUP BY ticket_id) AS w ON w.ticket_id = t.id
			GROUP BY source, type, project ORDER BY project
		) GROUP BY source, type ORDER BY hours DESC, tickets DESC, source, type LIMIT %d`, shown),
		func(scan func(...any) error) error {
			var k Kind
			var kinds int64
			var projects [][]any
			if err := scan(&k.Source, &k.Type, &k.Tickets, &k.Hours, &projects, &kinds); err != nil {
				return err
			}
			for i, p := range projects {
				if i == 3 {
					k.More = uint64(len(projects) - i)
					break
				}
				k.Projects = append(k.Projects, Tally{p[0].(string), p[1].(uint64), p[2].(float64)})
			}
			f.Open, f.OpenKinds = append(f.Open, k), int(kinds)
			return nil
		})
	if err != nil {
		return err
	}
	decides := map[uint32]bool{}
	err = each(ctx, conn, "SELECT DISTINCT toUInt32(work_rule) FROM tickets", func(scan func(...any) error) error {
		var rank uint32
		err := scan(&rank)
		decides[rank] = true
		return err
	})
	for i := range cfg.Work.Rules {
		if !decides[uint32(i+1)] {
			f.IdleWork = append(f.IdleWork, i+1)
		}
	}
	return err
}

func (f *Fit) readIncidents(ctx context.Context, conn driver.Conn, _ *configs.Config) error {
	var severity, service, team, cause, impact uint64
	if err := conn.QueryRow(ctx, "SELECT count(), countIf(severity = 0), countIf(empty(services)), countIf(empty(teams)), countIf(cause = ''), countIf(isNull(customer_impact)) FROM incidents WHERE "+counting).
		Scan(&f.Incidents, &severity, &service, &team, &cause, &impact); err != nil {
		return err
	}
	for _, s := range []Share{{"severity unknown", severity}, {"no service", service}, {"no team", team}, {"no cause", cause}, {"customer impact not stated", impact}} {
		if s.Incidents > 0 {
			f.Blanks = append(f.Blanks, s)
		}
	}
	// The rungs of recurrence_rate, whatever the window: of a sample everything is
	// near the start of its history.
	return each(ctx, conn, `SELECT reason, count() FROM (
			SELECT multiIf(problem_key != '' OR notEmpty(repeats) OR id IN (SELECT arrayJoin(repeats) FROM incidents WHERE `+counting+`) OR alert_key != '', '',
			               arrayExists(s -> s != '', services) AND (cause != '' OR title_key != ''), '',
			               title_key != '', 'no service is stated, so its title cannot be compared', 'title says nothing') AS reason
			FROM incidents WHERE `+counting+`
		) WHERE reason != '' GROUP BY reason ORDER BY 2 DESC, 1`, shares(&f.Unjudged))
}

func (f *Fit) readTargets(ctx context.Context, conn driver.Conn, cfg *configs.Config) error {
	if len(cfg.Targets) == 0 {
		return nil
	}
	const first = `(SELECT severity, arrayFirst(t -> (empty(t.2) OR has(t.2, severity)) AND (empty(t.3) OR hasAny(t.3, services)),
		(SELECT arraySort(groupArray((rank, severities, services))) FROM targets)).1 AS rank FROM incidents WHERE ` + counting + `)`
	if err := each(ctx, conn, "SELECT if(severity = 0, 'severity unknown', concat('severity ', toString(severity))), count() FROM "+first+" WHERE rank = 0 GROUP BY severity ORDER BY 2 DESC, 1", shares(&f.Untargeted)); err != nil {
		return err
	}
	counts := map[uint32]bool{}
	err := each(ctx, conn, "SELECT DISTINCT rank FROM "+first, func(scan func(...any) error) error {
		var rank uint32
		err := scan(&rank)
		counts[rank] = true
		return err
	})
	for i := range cfg.Targets {
		if !counts[uint32(i+1)] {
			f.IdleTargets = append(f.IdleTargets, i+1)
		}
	}
	return err
}

// readTwins looks for incidents of different sources that share a service, began
// within half an hour, and were not joined.
func (f *Fit) readTwins(ctx context.Context, conn driver.Conn, _ *configs.Config) error {
	const one = "(SELECT id, key, source, created_at, arrayJoin(services) AS service, intDiv(toUnixTimestamp64Milli(created_at), 1800000) AS slot FROM incidents WHERE " + counting + ")"
	// Each stands in at most one pair, with the nearest other.
	return each(ctx, conn, `SELECT service, key, source, other_key, other_source, count() OVER () FROM (
			SELECT * FROM (
				SELECT a.service AS service, a.id AS id, a.key AS key, a.source AS source, b.id AS other_id, b.key AS other_key, b.source AS other_source, a.created_at AS at,
				       abs(dateDiff('millisecond', a.created_at, b.created_at)) AS gap
				FROM (SELECT *, arrayJoin([slot - 1, slot, slot + 1]) AS near FROM `+one+`) AS a
				INNER JOIN `+one+` AS b ON b.service = a.service AND b.slot = a.near
				WHERE a.source < b.source AND gap <= 1800000 AND a.service != ''
				ORDER BY gap, id, other_id, service LIMIT 1 BY id
			) ORDER BY gap, id, other_id, service LIMIT 1 BY other_id
		) ORDER BY at DESC, key, other_key LIMIT 3`,
		func(scan func(...any) error) error {
			var t Twin
			if err := scan(&t.Service, &t.Key, &t.Source, &t.OtherKey, &t.OtherSource, &f.Twins); err != nil {
				return err
			}
			f.TwinPairs = append(f.TwinPairs, t)
			return nil
		})
}

// readNames finds services and teams of the records that are in no list. A team
// that owns a service is listed there.
func (f *Fit) readNames(ctx context.Context, conn driver.Conn, cfg *configs.Config) error {
	known := map[string][]string{}
	for _, s := range cfg.Services {
		known["service"] = append(append(known["service"], s.Name), s.Aliases...)
		if len(cfg.Teams) > 0 {
			known["team"] = append(known["team"], s.Team, s.L2Team, s.L3Team)
		}
	}
	for _, t := range cfg.Teams {
		known["team"] = append(append(known["team"], t.Name), t.Aliases...)
	}
	for _, kind := range []string{"service", "team"} {
		if len(known[kind]) == 0 {
			continue
		}
		err := each(ctx, conn, fmt.Sprintf(`SELECT name, count(), arraySort(groupUniqArray(source)), count() OVER () FROM (
				SELECT source, arrayJoin(%[1]ss) AS name FROM incidents
				UNION ALL SELECT source, arrayJoin(%[1]ss) AS name FROM changes
				UNION ALL SELECT source, arrayJoin(%[1]ss) AS name FROM tickets WHERE role NOT IN ('incident', 'change')
			) WHERE name != '' AND lowerUTF8(name) NOT IN (SELECT arrayJoin(arrayMap(k -> lowerUTF8(k), [%[2]s])))
			GROUP BY name ORDER BY 2 DESC, name LIMIT %[3]d`, kind, literals(known[kind]), 2*shown),
			func(scan func(...any) error) error {
				u := Unlisted{Kind: kind}
				var names uint64
				if err := scan(&u.Name, &u.Records, &u.Sources, &names); err != nil {
					return err
				}
				f.Names[kind] = names
				u.Like = configs.Nearest(u.Name, known[kind])
				if kind == "service" {
					u.Like = cfg.ServiceNamed(u.Like)
				} else {
					u.Like = cfg.TeamNamed(u.Like)
				}
				f.Unlisted = append(f.Unlisted, u)
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// shares collects rows of a name and a number.
func shares(into *[]Share) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var s Share
		if err := scan(&s.What, &s.Incidents); err != nil {
			return err
		}
		*into = append(*into, s)
		return nil
	}
}

// each reads a query row by row.
func each(ctx context.Context, conn driver.Conn, query string, row func(scan func(...any) error) error) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
