package reports

import (
	"context"
	"strings"
)

// sinceView lists what began after the period: news for the meeting, and no
// part of any figure above.
type sinceView struct {
	Rows []sinceRow
	More prose
}

type sinceRow struct {
	Key      place
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Where    string `view:"name"`
	When     string `view:"date"`
	Lasted   tally
	Open     bool
}

const sinceShown = 15

func sinceThen(ctx context.Context, s *sheet) (*answer, error) {
	if s.running() || !s.delivers("incident") {
		return &answer{Hidden: true}, nil
	}
	// Of an old page the list would be the history since: the next pages have that.
	if _, end := s.following(); end.Before(s.asOf) {
		return &answer{Hidden: true}, nil
	}
	rows, err := s.createdBetween(ctx, s.period.EndsAt, s.asOf)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return &answer{Calm: tell("no incident began between the end of the %s and %s.", s.period.Kind, dated(s.clock.at(s.asOf)))}, nil
	}
	last := s.asOf
	view := sinceView{}
	for n := len(rows) - 1; n >= 0 && len(view.Rows) < sinceShown; n-- {
		i := rows[n]
		view.Rows = append(view.Rows, sinceRow{Key: place{Text: i.name(), URL: link(i.URL)}, Severity: i.Severity, Title: clip(i.Title, 140),
			Where: clip(strings.Join(i.Services, ", "), 80), When: s.dayAndYear(i.Created), Lasted: lastingOf("incident/lasted", i.lasted(last)), Open: i.Resolved == nil})
	}
	if len(rows) > sinceShown {
		view.More = tell("The %s newest of %s.", tallyOf("since/shown", sinceShown), tallyOf("since/began", len(rows)))
	}
	return &answer{Told: capped(tell("%s began after the end of the %s, up to %s, and %s not counted above.",
		many("since/began", len(rows), "incident", "incidents"), s.period.Kind, dated(s.clock.at(last)), isAre(len(rows)))), View: view}, nil
}
