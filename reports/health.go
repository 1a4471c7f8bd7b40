package reports

import (
	"context"
	"fmt"

	"github.com/srekpi/srekpi/metrics"
)

// healthView says how far the data can be trusted: what each source delivered
// and what could not be read.
type healthView struct {
	Findings []lacking
	Rest     prose // of findings
	Sources  []sourceRow
	Held     []prose // of the sources, which of what is not readable landed
	Reasons  []reasonRow
	More     prose
}

type sourceRow struct {
	Name, Type, Entity                               string `view:"name"`
	From, To                                         string `view:"date"`
	Records, Staged, Filtered, Quarantined, Unmapped tally
}

type reasonRow struct {
	Source  string `view:"name"`
	Reason  string `view:"quote"`
	Rows    tally
	Example string `view:"key"` // where to look: the file, else the id
	Line    tally
}

const reasonsShown = 20

func health(ctx context.Context, s *sheet) (*answer, error) {
	if len(s.sources) == 0 {
		return &answer{Unasked: "no source has delivered anything yet: run srekpi ingest"}, nil
	}
	view := healthView{}
	for _, one := range s.sources {
		row := sourceRow{Name: clip(one.Name, 60), Type: clip(one.Type, 40), Entity: clip(one.Entity, 40), From: metrics.NotCollected, To: metrics.NotCollected,
			Records: healthTally("records", one.Records), Staged: healthTally("staged", one.Staged), Filtered: healthTally("filtered", one.Filtered),
			Quarantined: healthTally("quarantined", one.Quarantined), Unmapped: healthTally("unmapped", one.Unmapped)}
		if one.From != nil {
			row.From = s.clock.at(*one.From)
		}
		if one.To != nil {
			row.To = s.clock.at(*one.To)
		}
		view.Sources = append(view.Sources, row)
	}
	if err := s.held(ctx, &view); err != nil {
		return nil, err
	}
	var reasons []struct {
		Source string `ch:"source"`
		Reason string `ch:"reason"`
		Rows   uint64 `ch:"rows"`
		All    uint64 `ch:"of_all"`
		Sum    uint64 `ch:"rows_of_all"`
		File   string `ch:"file"`
		Line   uint64 `ch:"line"`
		ID     string `ch:"id"`
	}
	// What is not readable now, as the table of the sources counts it: a row that is
	// mended leaves no trace of when it was not.
	err := s.conn.Select(ctx, &reasons, `
		SELECT toString(q.source) AS source, q.reason AS reason, count() AS rows,
		       argMin(q.file, (q.file, q.line, q.id)) AS file, argMin(q.line, (q.file, q.line, q.id)) AS line, argMin(q.id, (q.file, q.line, q.id)) AS id,
		       count() OVER () AS of_all, toUInt64(sum(count()) OVER ()) AS rows_of_all
		FROM quarantine AS q
		GROUP BY source, reason
		ORDER BY rows DESC, source, reason
		LIMIT `+fmt.Sprint(reasonsShown))
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	total, more := 0, 0
	for _, r := range reasons {
		total, more = int(r.Sum), int(r.All)-len(reasons)
		row := reasonRow{Source: clip(r.Source, 60), Reason: clip(r.Reason, 200), Rows: healthTally("quarantine", r.Rows), Example: clip(r.ID, 60)}
		if r.File != "" {
			row.Example, row.Line = clip(r.File, 80), tallyOf("health/line", int(r.Line))
		}
		view.Reasons = append(view.Reasons, row)
	}
	if more > 0 {
		view.More = tell("%s more reasons are in the table quarantine.", tallyOf("health/reasons", more))
	}
	lead := capped(tell("%s delivered.", many("health/sources", len(s.sources), "source", "sources")))
	if total > 0 {
		lead = append(lead, tell(" %s could not be read and %s kept aside until somebody mends them.", capped(many("health/quarantine", total, "record", "records")), isAre(total))...)
	}
	if err := s.lacks(ctx, &view); err != nil {
		return nil, err
	}
	return &answer{Told: lead, View: view}, nil
}

// held says of each source which of its unreadable rows never landed, and which
// landed and could not be converted: only the latter are among the landed.
func (s *sheet) held(ctx context.Context, view *healthView) error {
	var rows []struct {
		Source   string `ch:"source"`
		Unlanded uint64 `ch:"unlanded"`
		Unread   uint64 `ch:"unread"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT source, countIf(landed = 0) AS unlanded, countIf(landed = 1) AS unread
		FROM (SELECT toString(q.source) AS source, q.entity, q.id, q.file, q.line, min(q.step != 'ingest') AS landed FROM quarantine AS q GROUP BY source, q.entity, q.id, q.file, q.line)
		GROUP BY source
		ORDER BY source`)
	if err != nil {
		return fmt.Errorf("read quarantine: %w", err)
	}
	for _, r := range rows[:min(len(rows), reasonsShown)] {
		var parts []prose
		if r.Unlanded > 0 {
			parts = append(parts, tell("%s never landed", many("health/unlanded", int(r.Unlanded), "row", "rows")))
		}
		if r.Unread > 0 {
			parts = append(parts, tell("%s landed but could not be converted", many("health/unread", int(r.Unread), "record", "records")))
		}
		one := tell("Not readable of %s: ", plainly(clip(r.Source, 60)))
		for i, part := range parts {
			if i > 0 {
				one = append(one, say("; "))
			}
			one = append(one, part...)
		}
		view.Held = append(view.Held, append(one, say(".")))
	}
	return nil
}

// lacking is one finding of data_health: what is missing, what mending it would
// narrow, and what to do.
type lacking struct {
	What     prose
	Narrows  prose
	NextStep string   `view:"quote"`
	Examples []string `view:"key"`
}

// healthRow is a row of data_health.
type healthRow struct {
	Source    string   `ch:"source"`
	Finding   string   `ch:"finding"`
	Title     string   `ch:"title"`
	Rows      uint64   `ch:"rows"`
	Of        uint64   `ch:"of"`
	KPI       string   `ch:"kpi"`
	Low       *float64 `ch:"low"`
	High      *float64 `ch:"high"`
	LowAfter  *float64 `ch:"low_after"`
	HighAfter *float64 `ch:"high_after"`
	NextStep  string   `ch:"next_step"`
	Examples  []string `ch:"examples"`
}

// findingsOfHealth is how many of them a page names, the most telling first.
const findingsOfHealth = 12

func (s *sheet) lacks(ctx context.Context, view *healthView) error {
	var rows []healthRow
	err := s.conn.Select(ctx, &rows, `
		SELECT toString(source) AS source, toString(finding) AS finding, toString(title) AS title, toUInt64(rows) AS rows, toUInt64(of) AS of, toString(kpi) AS kpi,
		       toNullable(low) AS low, toNullable(high) AS high, toNullable(low_after) AS low_after, toNullable(high_after) AS high_after,
		       toString(next_step) AS next_step, examples
		FROM data_health
		ORDER BY narrows DESC, rows DESC, source, finding`)
	if err != nil {
		return fmt.Errorf("read data_health: %w; run srekpi transform first", err)
	}
	for n, r := range rows {
		if n == findingsOfHealth {
			view.Rest = tell("%s more, of less weight, %s in the table data_health.", tallyOf("health/findings", len(rows)-n), isAre(len(rows)-n))
			break
		}
		at := "health/" + r.Source + "/" + r.Finding + "/"
		one := lacking{NextStep: capital(r.NextStep)}
		one.What = tell("%s %s", tallyOf(at+"rows", int(r.Rows)), r.Title)
		if r.Of > 1 {
			one.What = append(one.What, tell(", of %s", tallyOf(at+"of", int(r.Of)))...)
		}
		one.What = append(one.What, tell(" (%s)", plainly(clip(r.Source, 60)))...)
		for _, key := range r.Examples {
			if key = clip(key, 60); key != "" {
				one.Examples = append(one.Examples, key)
			}
		}
		one.Narrows = s.gained(at, r)
		view.Findings = append(view.Findings, one)
	}
	return nil
}

// gained is what mending a finding would do to a KPI. Where its range would end
// up is a guess: nobody knows that the rows are like those that are known.
func (s *sheet) gained(at string, r healthRow) prose {
	k := s.kpi(r.KPI)
	they, are := "them", "they are"
	if r.Rows == 1 {
		they, are = "it", "it is"
	}
	switch {
	case k == nil:
		return nil
	case r.Finding == "no impact times":
		return tell("%s measures the impact, not the record", naming(k.Title))
	case r.Low == nil || r.High == nil:
		return tell("%s can count %s", naming(k.Title), they)
	}
	told := tell("%s, %s", naming(k.Title), bounds(at+"now", *r.Low, *r.High))
	if r.LowAfter == nil || r.HighAfter == nil {
		return append(told, say(": nothing is known of it yet"))
	}
	return append(told, tell(", becomes about %s if %s like the rest", bounds(at+"after", *r.LowAfter, *r.HighAfter), are)...)
}

// bounds is a range that a rate could have.
func bounds(what string, low, high float64) tally {
	return tally{Text: metrics.PercentRange(metrics.Interval{Low: low, High: high, OK: true}), What: what, Raw: raw(&low) + " " + raw(&high)}
}

func healthTally(what string, n uint64) tally { return tallyOf("health/"+what, int(n)) }
