package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// action is something promised after incidents.
type action struct {
	ID        string     `ch:"of_id"`
	Key       string     `ch:"of_key"`
	URL       string     `ch:"of_url"`
	Title     string     `ch:"of_title"`
	Owner     string     `ch:"of_owner"`
	Team      string     `ch:"of_team"`
	Incidents []string   `ch:"of_incidents"`
	Created   *time.Time `ch:"began"`
	First     *time.Time `ch:"first_day"`
	Due       *time.Time `ch:"due_day"`
	Moves     uint32     `ch:"moves"`
	Resolved  *time.Time `ch:"done_at"`
}

const actionColumns = `a.id AS of_id, toString(a.key) AS of_key, toString(a.url) AS of_url, toString(a.title) AS of_title, toString(a.owner) AS of_owner, toString(a.team) AS of_team,
	a.incident_ids AS of_incidents, toNullable(a.created_at) AS began, toNullable(a.first_due_on) AS first_day, toNullable(a.due_on) AS due_day, toUInt32(a.due_moves) AS moves, toNullable(a.resolved_at) AS done_at`

// actionsOf reads actions by their ids, as far as they were promised by the end
// of the page.
func (s *sheet) actionsOf(ctx context.Context, ids []string) (map[string]*action, error) {
	out := map[string]*action{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []action
	err := s.conn.Select(ctx, &rows, `SELECT `+actionColumns+` FROM action_items AS a WHERE a.id IN @ids AND ifNull(a.created_at < toDateTime64(@to, 3, 'UTC'), 1)`,
		clickhouse.Named("ids", ids), moment("to", s.end()))
	if err != nil {
		return nil, fmt.Errorf("read actions: %w", err)
	}
	for i := range rows {
		out[rows[i].ID] = &rows[i]
	}
	return out, nil
}

// doneBy says whether the action was done before a moment. What was done later
// stood open then.
func (a *action) doneBy(at time.Time) bool { return a.Resolved != nil && a.Resolved.Before(at) }

// begun is when it was promised; of one that does not say, long ago.
func (a *action) begun() time.Time {
	if a.Created == nil {
		return time.Time{}
	}
	return *a.Created
}

// name is how people call it.
func (a *action) name() string {
	if key := clip(a.Key, 32); key != "" {
		return key
	}
	return clip(a.ID, 40)
}

func (a *action) place() place { return place{Text: a.name(), URL: link(a.URL)} }

// called names a record in a sentence; without an address it is a name only.
func called(p place) piece {
	if p.URL == "" {
		return plainly(p.Text)
	}
	return to(p)
}

// over is when the day that it is due is over, in the reporting zone.
func (s *sheet) over(a *action) time.Time { return s.midnight(*a.Due).AddDate(0, 0, 1) }

// dueDay writes a day without a time; with the year where it is not the page's.
func (s *sheet) dueDay(day time.Time) string {
	if day.Year() != s.period.StartsAt.In(s.clock.zone).Year() {
		return day.Format("Mon 2 Jan 2006")
	}
	return day.Format("Mon 2 Jan")
}

// shortDay is the same without the day of the week.
func (s *sheet) shortDay(day time.Time) string {
	_, short, _ := strings.Cut(s.dueDay(day), " ")
	return short
}

// promiseOf is where an action stood at the end of the page, in a sentence: who has it, how
// long it is open and until when, or when it was done.
func (s *sheet) promiseOf(a *action) prose {
	end := s.end()
	if a.doneBy(end) {
		return tell("done on %s", dated(s.dueDay(a.Resolved.In(s.clock.zone))))
	}
	out := tell("open")
	if a.Created != nil {
		out = tell("open for %s", daysOf("promise/open", end.Sub(*a.Created)))
	}
	if owner := clip(a.Owner, 40); owner != "" {
		out = append(out, tell(", with %s", plainly(owner))...)
	} else {
		out = append(out, say(", with nobody"))
	}
	switch {
	case a.Due == nil:
		out = append(out, say(", no day promised"))
	case !s.over(a).After(end):
		out = append(out, tell(", was due %s", dated(s.dueDay(*a.Due)))...)
	default:
		out = append(out, tell(", due %s", dated(s.dueDay(*a.Due)))...)
	}
	if a.Resolved != nil {
		out = append(out, tell("; done since, %s", dated(s.dueDay(a.Resolved.In(s.clock.zone))))...)
	}
	return out
}

// daysOf is a span in whole days, as promises are counted.
func daysOf(what string, d time.Duration) tally {
	n := int(d / day)
	t := tallyOf(what, n)
	switch n {
	case 0:
		t.Text = "less than a day"
	case 1:
		t.Text = "1 day"
	default:
		t.Text += " days"
	}
	return t
}
