package reports

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// repeatDays is how far back a repeat is looked for.
const repeatDays = 90

// repeat is one thing that keeps breaking: the incidents that share a rung of
// the recurrence ladder and what it names, as in the mart known_issues, but as it
// stood at the end of the page. A repeat counts in one group, that of its lowest
// rung, with the incident that it repeats; that one may repeat something else and
// count there too.
type repeat struct {
	Rung    uint8
	Means   string
	Members []member // of the last 90 days, oldest first
	Latest  []incident
	Hours   time.Duration // open time of the members
	Now     int           // of them, created in this period

	WhileOpen int       // of them, came back while a fix was promised and open
	AfterDone int       // and when all fixes were done
	Held      []*action // promised before the latest began: those that were open then first
	Since     []*action // promised since
	Cut       bool      // the page ends before one of them did
	fixes     []string
}

// member is an incident of a group.
type member struct {
	ID      string
	Created time.Time
	Open    time.Duration // until the end of the page
	Now     bool
	State   string   // how it came back, of what this group shares
	Under   []string // fixes promised before it began
}

// repeatKPI is the evidence that says what repeats what.
const repeatKPI = "recurrence_rate_90d"

const (
	repeatsNamed = 4   // latest ones that a row links to
	repeatsRead  = 100 // groups of which they and the fixes are read
)

// whileOpen is the state of a repeat in recurrences that began under an open fix.
const whileOpen = "while its fix was open"

// repeatsThat lists the repeats that fulfil one of the conditions, which exclude
// each other: the engine skips what it need not read for each by itself.
func repeatsThat(conditions ...string) string {
	var parts []string
	for _, c := range conditions {
		parts = append(parts, `SELECT incident_id, rung, name, means, earlier_id, fixes, fix_state, gap_days FROM recurrences
			WHERE gap_days <= 90 AND recurrences.at < toDateTime64(@to, 3, 'UTC') AND `+c)
	}
	return strings.Join(parts, " UNION ALL ")
}

// tied lists each of some repeats with the group that it counts in: the rule of
// known_issues.
func tied(repeats string) string {
	return `
	SELECT incident_id, argMin((rung, name, means, earlier_id, fixes), (rung, gap_days, earlier_id, name)) AS tie
	FROM (` + repeats + `)
	GROUP BY incident_id`
}

// What repeatGroups reads of all years is little: who began in the window; of those
// before it, the ones after which something was promised in this period, and theirs
// who repeat them. What was promised earlier stands with the repeats of this period.
const (
	standing   = `multiIf(merged_into != '', merged_into, flap_of != '', flap_of, id)`
	lateToHelp = `SELECT groupUniqArray(` + standing + `) FROM incidents WHERE id IN (
		SELECT arrayJoin(incident_ids) FROM action_items WHERE ifNull(action_items.created_at >= toDateTime64(@from, 3, 'UTC') AND action_items.created_at < toDateTime64(@to, 3, 'UTC'), 1))`
	begunHere = `recurrences.at >= toDateTime64(@from, 3, 'UTC')`
	inWindow  = `recurrences.at >= toDateTime64(@since, 3, 'UTC')`
	before    = `notEmpty(late) AND recurrences.at < toDateTime64(@since, 3, 'UTC') AND `
	lateRows  = before + `incident_id IN (SELECT arrayJoin(late))`
	lateTied  = before + `incident_id IN (SELECT arrayJoin(late) UNION ALL SELECT incident_id FROM recurrences WHERE gap_days <= 90 AND earlier_id IN late)`
)

type memberRow struct {
	Rung    uint8     `ch:"of_rung"`
	Name    string    `ch:"of_name"`
	Means   string    `ch:"of_means"`
	ID      string    `ch:"of_id"`
	State   string    `ch:"of_state"`
	Under   []string  `ch:"of_under"`
	Fixes   []string  `ch:"of_fixes"`
	Created time.Time `ch:"began"`
	Open    int64     `ch:"open_ms"`
	Cut     uint8     `ch:"is_cut"`
}

// repeatGroups reads the groups of which a member began in this period, the
// most hours first. Times are from the start to the resolution; of what is open,
// to the end of the page. What a member came back under is asked of what this
// group shares: the first one of a group may count as a repeat in another, and
// came back here too.
func (s *sheet) repeatGroups(ctx context.Context) ([]*repeat, error) {
	if s.grouped {
		return s.groups, nil
	}
	var rows []memberRow
	err := s.conn.Select(ctx, &rows, `
		WITH
			(`+lateToHelp+`) AS late,
			tied AS (`+tied(repeatsThat(inWindow, lateTied))+`),
			members AS (
				SELECT m.1 AS id, m.2 AS rung, m.3 AS name, any(m.4) AS means
				FROM (SELECT arrayJoin([(incident_id, tie.1, tie.2, tie.3), (tie.4, tie.1, tie.2, tie.3)]) AS m FROM tied)
				GROUP BY id, rung, name
			),
			promised AS (
				SELECT i.stands AS of_id, groupUniqArray(a.fix_id) AS fix_ids
				FROM (SELECT id AS fix_id, arrayJoin(incident_ids) AS incident_id FROM action_items WHERE ifNull(action_items.created_at < toDateTime64(@to, 3, 'UTC'), 1)) AS a
				INNER JOIN (SELECT id, `+standing+` AS stands FROM incidents WHERE id IN (SELECT arrayJoin(incident_ids) FROM action_items)) AS i ON i.id = a.incident_id
				GROUP BY of_id
			)
		SELECT m.rung AS of_rung, m.name AS of_name, m.means AS of_means, m.id AS of_id, ifNull(toString(r.fix_state), '') AS of_state,
		       r.fixes AS of_under, arraySort(arrayDistinct(arrayConcat(r.fixes, p.fix_ids))) AS of_fixes, i.created_at AS began,
		       if(isNull(i.resolved_at) AND ifNull(i.closed_at < toDateTime64(@to, 3, 'UTC'), 0), 0,
		          greatest(dateDiff('millisecond', i.started_at, least(ifNull(i.resolved_at, toDateTime64(@to, 3, 'UTC')), toDateTime64(@to, 3, 'UTC'))), 0)) AS open_ms,
		       toUInt8(ifNull(i.resolved_at > toDateTime64(@to, 3, 'UTC'), ifNull(i.closed_at >= toDateTime64(@to, 3, 'UTC'), 1))) AS is_cut
		FROM members AS m
		INNER JOIN (
			SELECT id, assumeNotNull(incidents.created_at) AS created_at, ifNull(incidents.started_at, created_at) AS started_at, incidents.resolved_at AS resolved_at, incidents.closed_at AS closed_at
			FROM incidents WHERE incidents.created_at >= toDateTime64(@since, 3, 'UTC') AND incidents.created_at < toDateTime64(@to, 3, 'UTC')
			UNION ALL
			SELECT id, assumeNotNull(incidents.created_at) AS created_at, ifNull(incidents.started_at, created_at) AS started_at, incidents.resolved_at AS resolved_at, incidents.closed_at AS closed_at
			FROM incidents WHERE notEmpty(late) AND incidents.created_at < toDateTime64(@since, 3, 'UTC') AND id IN (SELECT arrayJoin(late))
		) AS i ON i.id = m.id
		LEFT JOIN (`+repeatsThat(inWindow, lateRows)+`) AS r ON r.incident_id = m.id AND r.rung = m.rung AND r.name = m.name
		LEFT JOIN promised AS p ON p.of_id = m.id
		WHERE (m.rung, m.name) IN (
			SELECT tie.1, tie.2 FROM (`+tied(repeatsThat(begunHere))+`))
		ORDER BY of_rung, of_name, began, of_id`, moment("from", s.period.StartsAt), moment("to", s.end()), moment("since", s.trailing(repeatDays).StartsAt))
	if err != nil {
		return nil, fmt.Errorf("read repeats: %w", err)
	}
	groups := s.tie(rows)
	if err := s.describe(ctx, groups[:min(len(groups), repeatsRead)]); err != nil {
		return nil, err
	}
	s.groups, s.grouped = groups, true
	return groups, nil
}

// tie gathers the rows of each group, which come one after the other.
func (s *sheet) tie(rows []memberRow) []*repeat {
	window := s.trailing(repeatDays)
	var out []*repeat
	var g *repeat
	for n, row := range rows {
		if n == 0 || row.Rung != rows[n-1].Rung || row.Name != rows[n-1].Name {
			g = &repeat{Rung: row.Rung, Means: clean(row.Means)}
			out = append(out, g)
		}
		g.fixes = append(g.fixes, row.Fixes...)
		if !window.Has(row.Created) {
			continue
		}
		switch row.State {
		case whileOpen:
			g.WhileOpen++
		case "after its fix was closed":
			g.AfterDone++
		}
		g.Cut = g.Cut || row.Cut == 1
		one := member{ID: row.ID, Created: row.Created, Open: time.Duration(row.Open) * time.Millisecond, Now: s.period.Has(row.Created), State: row.State, Under: row.Under}
		g.Members = append(g.Members, one)
		g.Hours += one.Open
		if one.Now {
			g.Now++
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Hours > out[j].Hours })
	return out
}

// describe reads what a page says of the groups: their latest incidents and the
// fixes that were promised.
func (s *sheet) describe(ctx context.Context, groups []*repeat) error {
	var ids, fixes []string
	for _, g := range groups {
		for _, m := range g.latest() {
			ids = append(ids, m.ID)
		}
		slices.Sort(g.fixes)
		g.fixes = slices.Compact(g.fixes)
		fixes = append(fixes, g.fixes...)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.incidents(ctx, "i.id IN @ids", clickhouse.Named("ids", ids))
	if err != nil {
		return err
	}
	byID := map[string]incident{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	promised, err := s.actionsOf(ctx, fixes)
	if err != nil {
		return err
	}
	for _, g := range groups {
		for _, m := range g.latest() {
			if one, ok := byID[m.ID]; ok {
				g.Latest = append(g.Latest, one)
			}
		}
		last := g.Members[len(g.Members)-1]
		for _, id := range g.fixes {
			switch a := promised[id]; {
			case a == nil:
			case slices.Contains(last.Under, id):
				g.Held = append(g.Held, a)
			default:
				g.Since = append(g.Since, a)
			}
		}
		rankFixes(g.Held, last.Created)
		rankFixes(g.Since, s.end())
	}
	return nil
}

// rankFixes puts those first that were open at a moment, the oldest promise
// before later ones; of those that were done the last.
func rankFixes(fixes []*action, at time.Time) {
	slices.SortStableFunc(fixes, func(a, b *action) int {
		aDone, bDone := a.doneBy(at), b.doneBy(at)
		switch {
		case aDone && !bDone:
			return 1
		case bDone && !aDone:
			return -1
		case aDone:
			return b.Resolved.Compare(*a.Resolved)
		}
		return a.begun().Compare(b.begun())
	})
}

// latest are the newest members, the newest first.
func (g *repeat) latest() []member {
	out := slices.Clone(g.Members[max(0, len(g.Members)-repeatsNamed):])
	slices.Reverse(out)
	return out
}

// newest is the member whose words stand for the group.
func (g *repeat) newest() incident {
	if len(g.Latest) == 0 {
		return incident{}
	}
	return g.Latest[0]
}

// where is the service that the latest members share: the one that most of them
// name, so that the right team is asked.
func (g *repeat) where() string {
	named := map[string]int{}
	for _, m := range g.Latest {
		for _, service := range m.Services {
			named[service]++
		}
	}
	best := g.newest().service()
	for _, service := range g.newest().Services {
		if named[service] > named[best] {
			best = service
		}
	}
	return best
}

// what names the group in a picture: its service and the newest title.
func (g *repeat) what(most int) string {
	if service := clip(g.where(), 40); service != "" {
		return service + ": " + clip(g.newest().Title, most)
	}
	return clip(g.newest().Title, most)
}

// came is how often it came back under a promise in the 90 days, in plain words.
func (g *repeat) came() prose {
	open, done := timesOf("repeat/came", g.WhileOpen), timesOf("repeat/after", g.AfterDone)
	switch {
	case g.WhileOpen > 0 && g.AfterDone > 0:
		return tell("came back %s while a fix was open, %s after its fixes were done", open, done)
	case g.WhileOpen > 0 && len(g.Held) > 0 && g.underAlone(g.Held[0]):
		return tell("came back %s while %s was open", open, called(g.Held[0].place()))
	case g.WhileOpen > 0:
		return tell("came back %s while a fix was open", open)
	case g.AfterDone > 0:
		return tell("came back %s after its fixes were done", done)
	case len(g.Since) > 0:
		return tell("not come back since the fix was promised")
	}
	return nil
}

// underAlone: each time that it came back while a fix was open, this one was.
func (g *repeat) underAlone(fix *action) bool {
	for _, m := range g.Members {
		if m.State == whileOpen && (!slices.Contains(m.Under, fix.ID) || fix.doneBy(m.Created)) {
			return false
		}
	}
	return true
}

// fix is the one that speaks for all: that which stood when it came back the
// last time; where there was none, the first promised since.
func (g *repeat) fix() *action {
	for _, all := range [][]*action{g.Held, g.Since} {
		if len(all) > 0 {
			return all[0]
		}
	}
	return nil
}

// sinceNamed is how many of the fixes that were promised since are named.
const sinceNamed = 3

// promisedSince names what was promised only after it had come back, beside the
// fix that stood then.
func (g *repeat) promisedSince() prose {
	if len(g.Held) == 0 || len(g.Since) == 0 {
		return nil
	}
	var names prose
	for n, a := range g.Since[:min(len(g.Since), sinceNamed)] {
		if n > 0 {
			names = append(names, say(", "))
		}
		names = append(names, called(a.place()))
	}
	return tell("promised since: %s", names)
}

// timesOf counts in a sentence: once, twice, 3 times.
func timesOf(what string, n int) tally {
	t := tallyOf(what, n)
	switch n {
	case 1:
		t.Text = "once"
	case 2:
		t.Text = "twice"
	default:
		t.Text += " times"
	}
	return t
}

// union adds up the open time of incidents, each once, however many groups it is in.
func union(groups []*repeat) time.Duration {
	seen := map[string]bool{}
	var sum time.Duration
	for _, g := range groups {
		for _, m := range g.Members {
			if !seen[m.ID] {
				seen[m.ID] = true
				sum += m.Open
			}
		}
	}
	return sum
}

// nowIn counts the incidents of this period in the groups, each once.
func nowIn(groups []*repeat) int {
	seen := map[string]bool{}
	for _, g := range groups {
		for _, m := range g.Members {
			if m.Now {
				seen[m.ID] = true
			}
		}
	}
	return len(seen)
}
