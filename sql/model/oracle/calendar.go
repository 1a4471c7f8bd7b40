package oracle

import (
	"time"

	"github.com/srekpi/srekpi/configs"
)

// calendarOf is the calendar of an incident: that of the first of its services
// that the config knows.
func (c *Company) calendarOf(r *row) *configs.Calendar {
	for _, name := range r.services {
		for i := range c.Config.Services {
			if s := &c.Config.Services[i]; s.Name == name {
				if s.Calendar == "" {
					return c.calendar(configs.Business)
				}
				return c.calendar(s.Calendar)
			}
		}
	}
	return c.calendar(configs.Business)
}

func (c *Company) calendar(name string) *configs.Calendar {
	for i := range c.Config.Calendars {
		if c.Config.Calendars[i].Name == name {
			return &c.Config.Calendars[i]
		}
	}
	return nil
}

// works says whether people work on a day, which is a midnight.
func works(k *configs.Calendar, midnight time.Time) bool {
	for _, h := range k.Holidays {
		if h.Date == midnight.Format(time.DateOnly) {
			return false
		}
	}
	return k.Weekdays[midnight.Weekday()]
}

// businessSeconds walks the days between two moments.
func (c *Company) businessSeconds(r *row, from, to Moment) (float64, bool) {
	k := c.calendarOf(r)
	if k == nil {
		return 0, false
	}
	total := 0.0
	y, m, d := from.Time().In(k.Location).Date()
	for ; ; d++ {
		midnight := time.Date(y, m, d, 0, 0, 0, 0, k.Location)
		if At(midnight) > to {
			return total, true
		}
		if !works(k, midnight) {
			continue
		}
		clock := func(o time.Duration) Moment {
			return At(time.Date(y, m, d, int(o/time.Hour), int(o%time.Hour/time.Minute), 0, 0, k.Location))
		}
		opens, closes := max(clock(k.Opens), from), min(clock(k.Closes), to)
		if closes > opens {
			total += seconds(opens, closes)
		}
	}
}

// midnights are the first moment of a date in the business calendar, and that of
// the date after it.
func (c *Company) midnights(date string) (Moment, Moment) {
	d := dayOf(date)
	loc := c.calendar(configs.Business).Location
	return At(time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, loc)), At(time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, loc))
}

// workdaysAfter is the end of the nth working day after that of a moment. What
// is resolved on a day off counts from the working day before.
func (c *Company) workdaysAfter(m Moment, n int) Moment {
	k := c.calendar(configs.Business)
	y, mo, d := m.Time().In(k.Location).Date()
	for n > 0 {
		d++
		if works(k, time.Date(y, mo, d, 0, 0, 0, 0, k.Location)) {
			n--
		}
	}
	return At(time.Date(y, mo, d+1, 0, 0, 0, 0, k.Location))
}
