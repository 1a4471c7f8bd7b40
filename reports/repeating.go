package reports

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// repeating is what repeats on a page: the groups that cost most, and what all of
// them come to. An incident of several groups counts once in what they come to.
type repeating struct {
	Groups []*repeat // the most hours first, repeatsRead of them
	Count  int       // of all groups
	Bare   int       // for which nobody promised a fix
	Again  int       // that came back in spite of one
	Cut    bool      // the page ends before a member did
	Hours  time.Duration
	Now    int // incidents of this period
	Few    int // how many of the groups, the first ones, cost at least half of the hours

	fewHours time.Duration
}

// part is what the few cost of the hours.
func (r *repeating) part() float64 {
	return r.fewHours.Hours() / max(r.Hours.Hours(), 1e-9)
}

// repeatsThat lists the repeats that fulfil one of the conditions, which exclude
// each other: the engine skips what it need not read for each by itself.
func repeatsThat(conditions ...string) string {
	return rowsThat("incident_id, rung, name, means, earlier_id FROM repeats AS r", conditions)
}

// sharedThat lists what else they share with earlier ones under a promise.
func sharedThat(conditions ...string) string {
	return rowsThat("incident_id, rung, name, fixes, fix_state FROM (SELECT * FROM recurrences WHERE gap_days <= 90 AND fix_state != '') AS r", conditions)
}

func rowsThat(what string, conditions []string) string {
	var parts []string
	for _, c := range conditions {
		parts = append(parts, `SELECT `+what+` WHERE r.at < toDateTime64(@to, 3, 'UTC') AND `+c)
	}
	return strings.Join(parts, " UNION ALL ")
}

// What repeatGroups reads of all years is little: who began in the window; of those
// before it, the ones after which something was promised in this period, and theirs
// who repeat them. What was promised earlier stands with the repeats of this period.
// A list of ids is searched by hash only where it is the rows of a query.
const (
	standing   = `multiIf(merged_into != '', merged_into, flap_of != '', flap_of, id)`
	lateToHelp = `SELECT groupUniqArray(` + standing + `) FROM incidents WHERE id IN (
		SELECT arrayJoin(incident_ids) FROM action_items WHERE ifNull(action_items.created_at >= toDateTime64(@from, 3, 'UTC') AND action_items.created_at < toDateTime64(@to, 3, 'UTC'), 1))`
	begunHere = `r.at >= toDateTime64(@from, 3, 'UTC')`
	inWindow  = `r.at >= toDateTime64(@since, 3, 'UTC')`
	before    = `notEmpty(late) AND r.at < toDateTime64(@since, 3, 'UTC') AND `
	lateRows  = before + `incident_id IN (SELECT arrayJoin(late))`
	lateTied  = before + `(incident_id IN (SELECT arrayJoin(late)) OR earlier_id IN (SELECT arrayJoin(late)))`
)

// groupFacts are the members of the groups of which one began in this period, in
// the window or before it. Times are from the start to the resolution; of what is
// open, to the end of the page. What a member came back under is asked of what this
// group shares: the first one of a group may count as a repeat in another, and
// came back here too.
var groupFacts = `
	WITH
		(` + lateToHelp + `) AS late,
		tied AS (` + repeatsThat(inWindow, lateTied) + `),
		members AS (
			SELECT m.1 AS id, m.2 AS rung, m.3 AS name, any(m.4) AS means
			FROM (SELECT arrayJoin([(incident_id, rung, name, means), (earlier_id, rung, name, means)]) AS m
			      FROM tied WHERE (rung, name) IN (SELECT rung, name FROM (` + repeatsThat(begunHere) + `)))
			GROUP BY id, rung, name
		),
		promised AS (
			SELECT i.stands AS of_id, groupUniqArray(a.fix_id) AS fix_ids
			FROM (SELECT id AS fix_id, arrayJoin(incident_ids) AS incident_id FROM action_items WHERE ifNull(action_items.created_at < toDateTime64(@to, 3, 'UTC'), 1)) AS a
			INNER JOIN (SELECT id, ` + standing + ` AS stands FROM incidents WHERE id IN (SELECT arrayJoin(incident_ids) FROM action_items)) AS i ON i.id = a.incident_id
			GROUP BY of_id
		)
	SELECT m.rung AS rung, m.name AS name, m.means AS means, m.id AS id, i.began AS began, i.began >= toDateTime64(@since, 3, 'UTC') AS recent,
	       toString(r.fix_state) AS state, r.fixes AS under, p.fix_ids AS promised_after,
	       if(isNull(i.resolved_at) AND ifNull(i.closed_at < toDateTime64(@to, 3, 'UTC'), 0), 0,
	          greatest(dateDiff('millisecond', i.started_at, least(ifNull(i.resolved_at, toDateTime64(@to, 3, 'UTC')), toDateTime64(@to, 3, 'UTC'))), 0)) AS open_ms,
	       ifNull(i.resolved_at > toDateTime64(@to, 3, 'UTC'), ifNull(i.closed_at >= toDateTime64(@to, 3, 'UTC'), 1)) AS is_cut
	FROM members AS m
	INNER JOIN (
		SELECT id, assumeNotNull(incidents.created_at) AS began, ifNull(incidents.started_at, began) AS started_at, incidents.resolved_at AS resolved_at, incidents.closed_at AS closed_at
		FROM incidents WHERE incidents.created_at >= toDateTime64(@since, 3, 'UTC') AND incidents.created_at < toDateTime64(@to, 3, 'UTC')
		UNION ALL
		SELECT id, assumeNotNull(incidents.created_at) AS began, ifNull(incidents.started_at, began) AS started_at, incidents.resolved_at AS resolved_at, incidents.closed_at AS closed_at
		FROM incidents WHERE notEmpty(late) AND incidents.created_at < toDateTime64(@since, 3, 'UTC') AND id IN (SELECT arrayJoin(late))
	) AS i ON i.id = m.id
	LEFT JOIN (` + sharedThat(inWindow, lateRows) + `) AS r ON r.incident_id = m.id AND r.rung = m.rung AND r.name = m.name
	LEFT JOIN promised AS p ON p.of_id = m.id`

// groupSums add them up by group; those before the window have a say in the fixes
// alone.
var groupSums = `
	SELECT rung, name, any(means) AS means, groupArrayIf((id, open_ms, began >= toDateTime64(@from, 3, 'UTC')), recent) AS here, sumIf(open_ms, recent) AS ms,
	       countIf(recent AND state = '` + whileOpen + `') AS while_open, countIf(recent AND state = 'after its fix was closed') AS after_done, max(recent AND is_cut) AS cut,
	       arraySlice(arrayReverseSort(groupArrayIf((began, id), recent)), 1, ` + fmt.Sprint(repeatsNamed) + `) AS newest, argMaxIf(under, (began, id), recent) AS under_last,
	       groupArrayIntersectIf(under, recent AND state = '` + whileOpen + `') AS always, maxIf(began, recent AND state = '` + whileOpen + `') AS last_open,
	       arraySort(groupUniqArrayArray(arrayConcat(under, promised_after))) AS fix_ids
	FROM (` + groupFacts + `)
	GROUP BY rung, name`

// groupsAsRead ranks the groups and adds them up: groups is an array of all of
// them, each_once their members, each with the first group that it stands in.
var groupsAsRead = `
	SELECT g.1 AS of_rung, g.3 AS of_means, toUInt64(length(g.4)) AS of_times, toUInt64(arrayCount(m -> m.3, g.4)) AS of_now, toInt64(g.5) AS of_ms,
	       g.6 AS of_open, g.7 AS of_done, g.9.1 AS began, g.9.2 AS ids, g.10 AS under, g.11 AS always, assumeNotNull(g.12) AS last_open, g.13 AS of_fixes, of_all, bare, again, any_cut,
	       toUInt64(arrayCount(m -> m.3, each_once)) AS all_now, toInt64(all_ms) AS ms_all, toUInt64(few) AS of_few, toInt64(arraySum(m -> if(m.4 <= few, m.2, 0), each_once)) AS few_ms
	FROM (
		SELECT *, arraySum(each_once.2) AS all_ms, each_once.4[arrayFirstIndex(sum -> 2 * sum >= all_ms, arrayCumSum(each_once.2))] AS few
		FROM (
			SELECT *, arrayFilter((m, n) -> n = 1, members, arrayEnumerateUniq(members.1)) AS each_once
			FROM (
				SELECT *, toUInt64(length(groups)) AS of_all, toUInt64(arrayCount(g -> empty(g.13), groups)) AS bare, toUInt64(arrayCount(g -> g.6 + g.7 > 0, groups)) AS again,
				       toUInt8(arrayExists(g -> g.8 = 1, groups)) AS any_cut, arrayFlatten(arrayMap((g, n) -> arrayMap(m -> (m.1, m.2, m.3, n), g.4), groups, arrayEnumerate(groups))) AS members
				FROM (
					SELECT arraySort(g -> (-g.5, g.1, g.2), groupArray((rung, name, means, here, ms, while_open, after_done, cut, newest, under_last, always, last_open, fix_ids))) AS groups
					FROM (` + groupSums + `)
				)
			)
		)
	)
	ARRAY JOIN arraySlice(groups, 1, ` + fmt.Sprint(repeatsRead) + `) AS g`

type groupRow struct {
	Rung     uint8       `ch:"of_rung"`
	Means    string      `ch:"of_means"`
	Times    uint64      `ch:"of_times"`
	Now      uint64      `ch:"of_now"`
	Open     int64       `ch:"of_ms"`
	While    uint64      `ch:"of_open"`
	After    uint64      `ch:"of_done"`
	Began    []time.Time `ch:"began"`
	IDs      []string    `ch:"ids"`
	Under    []string    `ch:"under"`
	Always   []string    `ch:"always"`
	LastOpen time.Time   `ch:"last_open"`
	Fixes    []string    `ch:"of_fixes"`

	// the same in each row
	Count   uint64 `ch:"of_all"`
	Bare    uint64 `ch:"bare"`
	Again   uint64 `ch:"again"`
	Cut     uint8  `ch:"any_cut"`
	AllNow  uint64 `ch:"all_now"`
	AllOpen int64  `ch:"ms_all"`
	Few     uint64 `ch:"of_few"`
	FewOpen int64  `ch:"few_ms"`
}

// repeatGroups reads the groups of which a member began in this period, once. The
// engine adds them up: a month has tens of thousands of members.
func (s *sheet) repeatGroups(ctx context.Context) (*repeating, error) {
	if s.repeating != nil {
		return s.repeating, nil
	}
	var rows []groupRow
	if err := s.conn.Select(ctx, &rows, groupsAsRead, moment("from", s.period.StartsAt), moment("to", s.end()), moment("since", s.trailing(repeatDays).StartsAt)); err != nil {
		return nil, fmt.Errorf("read repeats: %w", err)
	}
	out := &repeating{}
	for _, r := range rows {
		g := &repeat{Rung: r.Rung, Means: clean(r.Means), Times: int(r.Times), Now: int(r.Now), Hours: time.Duration(r.Open) * time.Millisecond, WhileOpen: int(r.While), AfterDone: int(r.After),
			Last: r.Began[0], latest: r.IDs, under: r.Under, always: r.Always, lastOpen: r.LastOpen, fixes: r.Fixes}
		out.Groups = append(out.Groups, g)
		out.Count, out.Bare, out.Again, out.Cut = int(r.Count), int(r.Bare), int(r.Again), r.Cut == 1
		out.Now, out.Hours, out.Few, out.fewHours = int(r.AllNow), time.Duration(r.AllOpen)*time.Millisecond, int(r.Few), time.Duration(r.FewOpen)*time.Millisecond
	}
	if err := s.describe(ctx, out.Groups); err != nil {
		return nil, err
	}
	s.repeating = out
	return out, nil
}
