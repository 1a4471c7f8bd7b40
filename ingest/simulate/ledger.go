package simulate

import (
	"slices"
	"time"
)

// Ledger is what is true of a history as far as the company's tools tell, as of
// World.To. Figures stand by slot; a slot in which nothing happened is absent,
// which in the covered range means none.
type Ledger struct {
	AsOf time.Time

	Incidents   int // however many tools hold them, with those that are not in production
	Filtered    int // of them, left out by the config: not in production
	Quarantined int // rows that cannot be read, in the file that is left, or in the exports
	Changes     int // records of the tracker that were touched since the history began
	Releases    int // rows of the Mobile team's sheet

	Tools Counts

	TimeToResolve map[Slot]Duration
	IncidentCount map[Slot]Count
	ReopenRate    map[Slot]Rate
	Recurrence30d map[Slot]Rate
	Recurrence90d map[Slot]Rate
	ChangeFailure map[Slot]Rate
}

// Slot names one figure, as the key of kpi_values does.
type Slot struct {
	Period string // week, month
	Start  string // its first day in the ledger's zone, 2026-09-28
	Dim    string // all, service, team, severity; changes: all, service, team, risk, kind
	Value  string // empty for all, 0 to 5 for severity
}

// Duration sums up the durations that stopped in a period, in seconds.
type Duration struct {
	N                 int
	Median, Mean, Max float64 // 0 when N is
	Open              int     // begun before the period's end and not stopped by then
	Excluded          map[string]int
}

// Count is a number of things.
type Count struct {
	N        int
	Excluded map[string]int
}

// Rate is a part of a whole, K of N.
type Rate struct {
	K, N    int
	Unknown int // outside N: cannot be judged, or nobody recorded the outcome
	Pending int // outside N: the time to show a failure, or to be reopened, is not over (kpi_values.unknown = Unknown + Pending)

	WithIssues int            // of N: changes that went well with issues
	Basis      map[string]int // of K: recurrence by the rung that matched
	Excluded   map[string]int
}

// dim is one value of one dimension.
type dim struct{ name, value string }

// span is a week or a month of the covered range.
type span struct {
	period     string
	start, end time.Time
}

func (s span) slot(d dim) Slot {
	return Slot{Period: s.period, Start: s.start.Format(time.DateOnly), Dim: d.name, Value: d.value}
}

// Ledger keeps the books of w in weeks from Monday and months of loc.
func (w *World) Ledger(loc *time.Location) Ledger {
	b := books{world: w, asOf: w.To, spans: spans(w.From, w.To, loc), loc: loc}
	l := Ledger{AsOf: w.To, Quarantined: quarantined, Incidents: len(w.Incidents)}
	for _, c := range w.Changes {
		switch {
		case c.OnSheet():
			l.Releases++
		case c.Closed.IsZero() || !c.Closed.Before(w.From):
			l.Changes++
		}
	}
	b.cases = cases(w.Incidents)
	l.Filtered = len(w.Incidents) - len(b.cases)
	l.TimeToResolve = b.timeToResolve()
	l.IncidentCount = b.incidentCount()
	l.ReopenRate = b.reopenRate()
	l.Recurrence30d = b.recurrence(30 * 24 * time.Hour)
	l.Recurrence90d = b.recurrence(90 * 24 * time.Hour)
	l.ChangeFailure = b.changeFailure()
	l.Tools = b.counts()
	return l
}

// books is a ledger in the making.
type books struct {
	world *World
	asOf  time.Time
	loc   *time.Location
	spans []span
	cases []incidentCase
}

// spans are all weeks and months that touch [from, to).
func spans(from, to time.Time, loc *time.Location) []span {
	var all []span
	from, to = from.In(loc), to.In(loc)
	for s := weekStart(from, 0); s.Before(to); s = weekStart(s, 1) {
		all = append(all, span{"week", s, weekStart(s, 1)})
	}
	for s := monthStart(from, 0); s.Before(to); s = monthStart(s, 1) {
		all = append(all, span{"month", s, monthStart(s, 1)})
	}
	return all
}

// slots are the figures to which something at this moment belongs.
func (b books) slots(at time.Time, dims []dim) []Slot {
	var all []Slot
	for _, s := range b.spans {
		if at.Before(s.start) || !at.Before(s.end) {
			continue
		}
		for _, d := range dims {
			all = append(all, s.slot(d))
		}
	}
	return all
}

// add changes the figure in each of the slots.
func add[F any](figures map[Slot]F, slots []Slot, change func(*F)) {
	for _, s := range slots {
		f := figures[s]
		change(&f)
		figures[s] = f
	}
}

// tally counts a reason or basis; a nil map is an empty one.
func tally(m *map[string]int, name string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name]++
}

func (b books) timeToResolve() map[Slot]Duration {
	figures := map[Slot]Duration{}
	seconds := map[Slot][]float64{}
	for _, c := range b.cases {
		if reason := c.notADuration(); reason != "" {
			at := c.Resolved
			if at.IsZero() {
				at = c.Closed
			}
			if at.IsZero() {
				at = c.Created
			}
			add(figures, b.slots(at, c.dims()), func(f *Duration) { tally(&f.Excluded, reason) })
			continue
		}
		for _, s := range b.spans { // open at the end of the period
			if c.start.Before(s.end) && (c.Resolved.IsZero() || !c.Resolved.Before(s.end)) {
				for _, d := range c.dims() {
					add(figures, []Slot{s.slot(d)}, func(f *Duration) { f.Open++ })
				}
			}
		}
		for _, s := range b.slots(c.Resolved, c.dims()) {
			seconds[s] = append(seconds[s], c.Resolved.Sub(c.start).Seconds())
		}
	}
	for s, values := range seconds {
		f := figures[s]
		f.N = len(values)
		f.Median, f.Mean, f.Max = summary(values)
		figures[s] = f
	}
	return figures
}

// summary: between the middle two the median is interpolated linearly.
func summary(values []float64) (median, mean, largest float64) {
	slices.Sort(values)
	n := len(values)
	median = (values[(n-1)/2] + values[n/2]) / 2
	var sum float64
	for _, v := range values {
		sum += v
	}
	return median, sum / float64(n), values[n-1]
}

// incidentCount takes the creation. Flaws of record-keeping (no resolution
// time, resolved before created) do not unmake an incident.
func (b books) incidentCount() map[Slot]Count {
	figures := map[Slot]Count{}
	for _, c := range b.cases {
		add(figures, b.slots(c.start, c.dims()), func(f *Count) {
			if c.leftOut != "" {
				tally(&f.Excluded, c.leftOut)
			} else {
				f.N++
			}
		})
	}
	return figures
}

// settled is how long after its first resolution an incident may come back.
const settled = 14 * 24 * time.Hour

// reopenRate stands at the first resolution, and knows from history whether work
// began again. What was resolved before it was created counts too: the rate
// needs no duration.
func (b books) reopenRate() map[Slot]Rate {
	figures := map[Slot]Rate{}
	for _, c := range b.cases {
		if c.leftOut != "" || c.FirstResolved.IsZero() {
			continue
		}
		add(figures, b.slots(c.FirstResolved, c.dims()), func(f *Rate) {
			if c.FirstResolved.Add(settled).After(b.asOf) {
				f.Pending++
				return
			}
			f.N++
			if len(c.Reopenings) > 0 && !c.Reopenings[0].At.After(c.FirstResolved.Add(settled)) {
				f.K++
			}
		})
	}
	return figures
}
