package reports

import (
	"context"
	"fmt"
	"time"
)

// worthPeople says whether a chore takes so much of a person that it is told so.
func worthPeople(part float64) bool { return part >= 0.05 }

// choresShown is how many recurring chores a page names.
const choresShown = 5

// choresView ranks the toil that comes again and again.
type choresView struct {
	Lead prose
	Year bool // there are enough weeks to say what a year costs
	Some bool // one of them costs enough of a person to say how much
	Rows []choreRow
	Note prose
}

type choreRow struct {
	Where       string `view:"name"`
	Title       string `view:"quote"`
	Times       tally
	Hours, Each tally
	Year        tally
	People      prose
	Newest      place
}

// chore is toil of the same title on the same service, else of the same team.
type chore struct {
	Place  string  `ch:"place"`
	Title  string  `ch:"newest_title"`
	Key    string  `ch:"newest_key"`
	URL    string  `ch:"newest_url"`
	Times  uint64  `ch:"times"`
	Hours  float64 `ch:"hours_sum"`
	Groups uint64  `ch:"groups_all"`
	All    float64 `ch:"hours_all"` // of all groups
}

// chores reads which toil came at least twice, as a ticket each time. Titles are
// compared as those of incidents are: without ids, numbers and dates.
func (s *sheet) chores(ctx context.Context, m mixes, e effort) (*choresView, error) {
	var rows []chore
	err := s.conn.Select(ctx, &rows, `
		SELECT place, newest.2 AS newest_title, newest.3 AS newest_key, newest.4 AS newest_url, times, hours_sum,
		       count() OVER () AS groups_all, sum(hours_sum) OVER () AS hours_all
		FROM (
			SELECT place, title_words, uniqExact(ticket) AS times, sum(booked) AS hours_sum, max((last_at, title, key, url)) AS newest
			FROM (
				SELECT b.ticket AS ticket, b.booked AS booked, b.last_at AS last_at, t.title AS title, t.key AS key, t.url AS url,
				       multiIf(notEmpty(t.services), t.services[1], notEmpty(t.teams), t.teams[1], '') AS place,
				       arrayStringConcat(arrayFilter(x -> NOT (match(x, '[0-9_@/]') OR position(x, '.') > 0 AND match(x, '\\pL[.]\\pL')), splitByWhitespace(lowerUTF8(substringUTF8(t.title, 1, 300)))), ' ') AS without_ids,
				       arrayStringConcat(arrayDistinct(arrayFilter(x -> lengthUTF8(x) > 2 AND x NOT IN ('the', 'and', 'for',
				           'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december', 'jan', 'feb', 'mar', 'apr', 'jun', 'jul', 'aug', 'sep', 'sept', 'oct', 'nov', 'dec',
				           'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'),
				           extractAll(without_ids, '\\pL+'))), ' ') AS title_words
				FROM (SELECT ticket_id AS ticket, sum(hours) AS booked, max(started_at) AS last_at FROM worklogs AS l
				      WHERE l.work_class = 'toil' AND l.started_at >= toDateTime64(@from, 3, 'UTC') AND l.started_at < toDateTime64(@to, 3, 'UTC') GROUP BY ticket) AS b
				INNER JOIN (SELECT id, title, key, url, services, teams FROM tickets AS c WHERE c.work_class = 'toil' AND c.id IN (
					SELECT ticket_id FROM worklogs AS l WHERE l.work_class = 'toil' AND l.started_at >= toDateTime64(@from, 3, 'UTC') AND l.started_at < toDateTime64(@to, 3, 'UTC'))) AS t ON t.id = b.ticket
			)
			WHERE title_words != ''
			GROUP BY place, title_words
			HAVING times > 1
		)
		ORDER BY hours_sum DESC, times DESC, place, title_words
		LIMIT `+fmt.Sprint(choresShown), moment("from", m.Starts), moment("to", s.period.EndsAt))
	if err != nil {
		return nil, fmt.Errorf("read recurring chores: %w", err)
	}
	toil := 0.0
	for _, one := range m.Mix {
		toil += one.Hours["toil"]
	}
	if toil <= 0 {
		return nil, nil
	}
	span := many("work/periods", len(m.Mix), "week", "weeks")
	view := &choresView{}
	if len(rows) == 0 {
		view.Lead = tell("No chore came twice: the %s h of toil in %s were all on different things.", hoursIn("chore/toil", toil), span)
		return view, nil
	}
	view.Lead = tell("%s that came at least twice took %s of the %s h of toil in %s.", capped(many("chore/groups", int(rows[0].Groups), "chore", "chores")),
		hoursIn("chore/all", rows[0].All), hoursIn("chore/toil", toil), span)
	weeks := s.weeksBetween(m.Starts)
	view.Year = weeks >= 4
	for _, one := range rows {
		row := choreRow{Where: clip(one.Place, 40), Title: clip(one.Title, 120), Times: tallyOf("chore/times", int(one.Times)),
			Hours: hoursIn("chore/hours", one.Hours), Each: hoursIn("chore/each", one.Hours/float64(one.Times)),
			Newest: place{Text: clip(one.Key, 40), URL: link(one.URL)}}
		if row.Newest.Text == "" {
			row.Newest.Text = "ticket"
		}
		if view.Year {
			a := one.Hours / weeks
			row.Year = hoursIn("chore/year", a*52)
			view.Some = view.Some || worthPeople(a/e.Week)
			row.People = prose{counting(tally{Text: peopleText(a/e.Week, a/e.Week), What: "chore/people", Raw: fmt.Sprintf("%.5f", a/e.Week)})}
		}
		view.Rows = append(view.Rows, row)
	}
	if more := int(rows[0].Groups) - len(rows); more > 0 {
		view.Note = tell("The %s that took most are shown; %s more came at least twice.", tallyOf("chore/shown", len(rows)), tallyOf("chore/more", more))
	}
	return view, nil
}

// weeksBetween is how many weeks lie between a moment, or the start of what is
// collected, and the end of the page.
func (s *sheet) weeksBetween(from time.Time) float64 {
	if begins := s.startOf("worklog"); begins.After(from) {
		from = begins
	}
	return s.wall(s.end()).Sub(s.wall(from)).Hours() / 24 / 7
}

// wall is a moment by the clock on the wall: between two of them a day that the
// clocks change on counts as one.
func (s *sheet) wall(at time.Time) time.Time {
	at = at.In(s.clock.zone)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}
