package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// Options are what a site and its reader decide; a page needs nothing else from
// the config.
type Options struct {
	Dir      string         // output folder
	Title    string         // whose reports these are
	URL      string         // where Dir is served; empty: not stated
	Location *time.Location // reporting zone
	AsOf     time.Time      // the clock of every page
	WeekEnd  metrics.WeekEnd
	Major    []uint8 // severities that are major where a source does not say
	Workday  int     // working day of the month on which the review is issued
}

// sheet is one page in the making: its period, the build behind it and what its
// blocks have read and said so far.
type sheet struct {
	conn       driver.Conn
	options    Options
	document   string
	period     metrics.Period
	clock      clock
	issue      *metrics.Issue
	asOf       time.Time // the build's clock: nothing later is known
	dataAsOf   time.Time // how far the slowest source reaches, at most asOf
	definition string
	sources    []source
	kpis       []metrics.KPI
	notes      []annotation
	values     map[string][]metrics.Value // of each KPI up to this period; nil until read
	readings   map[string]*reading
	evidence   map[string]*behind                 // nil until read
	ended      map[time.Time]map[string][]float64 // durations behind the medians of a period, by its start
	cohorts    map[string]metrics.Survival        // nil until read
	busiest    map[string][]metrics.Value         // services; nil until read
	rowCap     int                                // rows of evidence a KPI, once settled; see evidence.go
	began      []incident                         // of this period, once read
	cards      map[string]bool                    // of them, on cards
	fields     map[string]string                  // what sources call the fields of an incident; nil until read
	repeating  *repeating                         // nil until read
	promised   *promiseCount                      // nil until counted
	harm       *harm                              // nil until read
	onCall     *roster                            // of the days ahead; nil until read
	echoed     bool                               // time to mitigate repeats time to resolve
	borrowed   bool                               // most incidents lend it their own start and end
	names      map[string]place                   // of records, by id; nil until read
	issued     map[string]metrics.Printed         // what the issue printed, by mark; nil: not issued before
	others     int                                // of these, how many are others now
	asks       []finding                          // nil until read
	beside     string                             // the folder of evidence beside the page; empty where the page goes to a writer
	overflow   []metrics.KPI                      // of which the page does not hold all rows
	turned     []string                           // KPIs that the verdict says have changed
	verdict    string
	asked      []finding // what the page opens or ends with, for an answer
	printed    []metrics.Printed
}

// annotation is a dated event of policy: a freeze dropped, a threshold moved.
type annotation struct {
	At    time.Time `ch:"at"`
	Title string    `ch:"title"`
	Scope string    `ch:"scope"`
}

func open(ctx context.Context, conn driver.Conn, o Options, document string, p metrics.Period, issued *metrics.Issue) (*sheet, error) {
	if o.Location == nil {
		o.Location = time.UTC
	}
	p.StartsAt, p.EndsAt = p.StartsAt.In(o.Location), p.EndsAt.In(o.Location) // a step keeps the clock on the wall
	s := &sheet{conn: conn, options: o, document: document, period: p, clock: clock{o.Location}, issue: issued,
		asOf: o.AsOf, readings: map[string]*reading{}, ended: map[time.Time]map[string][]float64{}}
	row := conn.QueryRow(ctx, `SELECT as_of, definition FROM builds ORDER BY id DESC LIMIT 1`)
	var built time.Time
	if err := row.Scan(&built, &s.definition); err != nil {
		return nil, fmt.Errorf("read the current build: %w; run srekpi transform first", err)
	}
	if built.Before(s.asOf) {
		s.asOf = built
	}
	var err error
	if s.kpis, err = metrics.Catalogue(ctx, conn); err != nil {
		return nil, err
	}
	if err := s.readSources(ctx); err != nil {
		return nil, err
	}
	if err := s.readFallback(ctx); err != nil {
		return nil, err
	}
	if err := s.readIssued(ctx); err != nil {
		return nil, err
	}
	if err := conn.Select(ctx, &s.notes, `SELECT assumeNotNull(a.at) AS at, title, toString(scope) AS scope FROM annotations AS a WHERE a.at IS NOT NULL ORDER BY a.at, title`); err != nil {
		return nil, fmt.Errorf("read annotations: %w", err)
	}
	return s, nil
}

// end is the last moment that the page speaks of: the period's end, or for a
// running period how far things are known.
func (s *sheet) end() time.Time {
	if s.asOf.Before(s.period.EndsAt) {
		return s.asOf
	}
	return s.period.EndsAt
}

// running says whether the period was not over when the data end.
func (s *sheet) running() bool { return s.asOf.Before(s.period.EndsAt) }

// kpi finds a KPI in the catalogue; nil where this warehouse has none of it.
func (s *sheet) kpi(name string) *metrics.KPI {
	for i := range s.kpis {
		if s.kpis[i].Name == name {
			return &s.kpis[i]
		}
	}
	return nil
}

// behind is what stands behind a KPI's figures of this period: the first rows of
// each fate, and how many there are.
type behind struct {
	rows  []metrics.Evidence
	count [metrics.Fates]int

	parts *[metrics.Fates][]metrics.Evidence // the rows by fate; nil until parted
	bytes [metrics.Fates][]int               // the markup of the first so many of each
	shown *[metrics.Fates][]metrics.Evidence // what the page carries; nil until cut
	ids   map[string]bool                    // of those shown
}

// total is how many rows there are, of whatever fate.
func (b *behind) total() (n int) {
	for _, of := range b.count {
		n += of
	}
	return n
}

// evidenceOf gives the rows behind a KPI's figures of this period, as many as a
// page, or a file beside it, can show. Those of all KPIs are read at once: a page
// needs them all, and thirty small questions take thirty times as long as one.
func (s *sheet) evidenceOf(ctx context.Context, kpi string) (*behind, error) {
	if s.evidence == nil {
		most := rowsShown
		if s.beside != "" {
			most = fileRows
		}
		tops, err := metrics.EvidenceTop(ctx, s.conn, s.period, most)
		if err != nil {
			return nil, err
		}
		s.evidence = map[string]*behind{}
		for name, top := range tops {
			s.evidence[name] = &behind{rows: top.Rows, count: top.Count}
		}
	}
	if s.evidence[kpi] == nil {
		s.evidence[kpi] = &behind{}
	}
	return s.evidence[kpi], nil
}

// durationsOf are the values behind a duration's median of this period,
// ascending; none of another kind.
func (s *sheet) durationsOf(ctx context.Context, k metrics.KPI) ([]float64, error) {
	return s.durationsIn(ctx, k, s.period)
}

// durationsIn are those of any period, read once for all durations.
func (s *sheet) durationsIn(ctx context.Context, k metrics.KPI, p metrics.Period) ([]float64, error) {
	if k.Kind != metrics.KindDuration {
		return nil, nil
	}
	if s.ended[p.StartsAt] == nil {
		seconds, err := metrics.Durations(ctx, s.conn, p)
		if err != nil {
			return nil, err
		}
		s.ended[p.StartsAt] = seconds
	}
	return s.ended[p.StartsAt][k.Name], nil
}

// trailing is the span of so many days up to the end of the page.
func (s *sheet) trailing(days int) metrics.Period {
	end := s.end()
	return metrics.Period{Kind: s.period.Kind, StartsAt: end.AddDate(0, 0, -days), EndsAt: end}
}

// print records a value that the page shows: of its own period, or of the settled
// one before it that stands for a rate still pending. Several blocks may show it:
// the first interval and the first sentence stand.
func (s *sheet) print(v metrics.Value, interval metrics.Interval, verdict string) {
	if v.Period != s.period.Kind || v.PeriodStart.After(s.period.Start) {
		return
	}
	if v.PeriodStart.Before(s.period.Start) {
		verdict = "" // blocks say it of their own period
	}
	at := mark(v)
	for i := range s.printed {
		if p := &s.printed[i]; mark(p.Value) == at {
			if p.Low == nil {
				p.Value = p.Value.With(interval)
			}
			if p.Verdict == "" {
				p.Verdict = verdict
			}
			return
		}
	}
	s.printed = append(s.printed, metrics.Printed{Value: v.With(interval), Verdict: verdict})
}

// moment binds a time as text: the driver cuts a bound time.Time to seconds.
func moment(name string, t time.Time) driver.NamedValue {
	return clickhouse.Named(name, t.UTC().Format("2006-01-02 15:04:05.000"))
}

// dayAndYear writes a moment, with the year where it is not the page's.
func (s *sheet) dayAndYear(t time.Time) string { return s.clock.in(s.period.StartsAt, t) }

// following is the period after this one.
func (s *sheet) following() (from, to time.Time) {
	return s.period.EndsAt, s.period.Next().EndsAt
}

// midnight is the start of a period's first day in the reporting zone; a week
// may begin some hours later.
func (s *sheet) midnight(start time.Time) time.Time {
	y, m, d := start.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.clock.zone)
}
