package oracle

import "time"

// Moment is milliseconds since 1970; 0 says that nobody stated it.
type Moment int64

// At is the moment of a time.
func At(t time.Time) Moment { return Moment(t.UnixMilli()) }

// Known says that the moment is stated.
func (m Moment) Known() bool { return m != 0 }

// Time is the moment in UTC.
func (m Moment) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// Add is the moment so much later.
func (m Moment) Add(d time.Duration) Moment { return m + Moment(d.Milliseconds()) }

func (m Moment) String() string {
	if !m.Known() {
		return "NULL"
	}
	return m.Time().Format("2006-01-02 15:04:05.000")
}

// until is unknown for what is later than as_of.
func (m Moment) until(asOf Moment) Moment {
	if m > asOf {
		return 0
	}
	return m
}

// first is the first of these that is stated.
func first(ms ...Moment) Moment {
	for _, m := range ms {
		if m.Known() {
			return m
		}
	}
	return 0
}

func earliest(ms ...Moment) Moment {
	var found Moment
	for _, m := range ms {
		if m.Known() && (!found.Known() || m < found) {
			found = m
		}
	}
	return found
}

// seconds from one moment to another.
func seconds(from, to Moment) float64 { return float64(to-from) / 1000 }

const (
	hour = time.Hour
	day  = 24 * time.Hour
)
