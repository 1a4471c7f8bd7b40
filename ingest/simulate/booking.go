package simulate

import "time"

// Booking is time that a person booked on a record of the tracker.
type Booking struct {
	Key     string // of the record
	Person  string
	Class   string // of the work
	Started time.Time
	Seconds int
	Deleted time.Time // taken back then; zero: it stands

	ticket *Ticket
}

// Hours of the booking.
func (b Booking) Hours() float64 { return float64(b.Seconds) / 3600 }

// book spreads hours over the working days between two moments, in pieces of at
// most six hours. What lies behind the end of the history is not booked.
func (w *World) book(d dice, person string, hours float64, from, to time.Time, keep func(Booking)) {
	left := hours
	for day := from; left > 0.2; day = day.AddDate(0, 0, 1) {
		late := day.After(to)
		if wd := day.Weekday(); (wd == time.Saturday || wd == time.Sunday) && !late {
			continue
		}
		piece := min(left, 2+4*d.Float64())
		if late {
			piece = min(left, 6)
		}
		left -= piece
		at := time.Date(day.Year(), day.Month(), day.Day(), 8+d.IntN(5), 15*d.IntN(4), 0, 0, time.UTC)
		if at.Before(from) {
			at = from
		}
		b := Booking{Person: person, Started: at.Truncate(time.Minute), Seconds: int(piece*4+0.5) * 900}
		mistaken := d.chance(0.01)
		if end := b.Started.Add(time.Duration(b.Seconds) * time.Second); end.After(w.To) || b.Seconds == 0 {
			continue
		} else if gone := end.Add(26 * time.Hour); mistaken && !gone.After(w.To) {
			b.Deleted = gone
		}
		keep(b)
	}
}

// bookIncidents: who resolved an incident books the time, for the graver ones a
// second person too. Time on incidents is unplanned.
func (w *World) bookIncidents() {
	for _, i := range w.Incidents {
		if !i.Held.Tracker || i.Resolved.IsZero() || i.ResolvedBy == AutoResolved || i.ResolvedBy == "" || i.Environment != prod {
			continue
		}
		d := newDice(w.Seed, "booked/"+i.Key)
		if d.chance(0.1) {
			continue // nobody wrote it down
		}
		from := i.Acknowledged
		if from.Before(i.Held.Ticketed) {
			from = i.Held.Ticketed
		}
		hours := min(max(i.Resolved.Sub(from).Hours()*(0.2+0.4*d.Float64()), 0.5), 14)
		people := []string{i.ResolvedBy}
		if i.Severity == 1 || i.Severity == 2 {
			if second := w.member(i.Team, d.IntN(4)); second != "" && second != i.ResolvedBy {
				people = append(people, second)
			}
		}
		for _, p := range people {
			w.book(d, p, hours, from, i.Resolved, func(b Booking) {
				b.Key, b.Class = i.Key, Unplanned
				if i.Exercise || i.Maintenance {
					b.Class = Planned
				}
				w.Bookings = append(w.Bookings, b)
			})
		}
	}
}

// bookChanges: half of the changes have the hours of those who made them.
func (w *World) bookChanges() {
	for _, c := range w.Changes {
		if c.OnSheet() || c.Ended.IsZero() {
			continue
		}
		d := newDice(w.Seed, "booked/"+c.Key)
		if d.chance(0.5) {
			continue
		}
		w.book(d, w.member(c.Team, d.IntN(4)), 0.5+2*d.Float64(), c.Started, c.Ended, func(b Booking) {
			b.Key, b.Class = c.Key, Planned
			w.Bookings = append(w.Bookings, b)
		})
	}
}
