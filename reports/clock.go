package reports

import "time"

// day is 24 hours: ages and pauses are told in it, on the clock of every duration.
const day = 24 * time.Hour

// clock writes moments and days in the reporting zone.
type clock struct{ zone *time.Location }

func (c clock) at(t time.Time) string    { return t.In(c.zone).Format("Mon 2 Jan 2006 15:04") }
func (c clock) short(t time.Time) string { return t.In(c.zone).Format("Mon 2 Jan 15:04") }

// in is the short form, with the year where it is another than that of the page.
func (c clock) in(year, t time.Time) string {
	if year.In(c.zone).Year() != t.In(c.zone).Year() {
		return c.at(t)
	}
	return c.short(t)
}

func (c clock) day(t time.Time) string   { return t.In(c.zone).Format("Mon 2 Jan 2006") }
func (c clock) stamp(t time.Time) string { return t.In(c.zone).Format(time.RFC3339) }

func (c clock) zoned(t time.Time, layout string) string { return t.In(c.zone).Format(layout) }
