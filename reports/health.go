package reports

import (
	"context"
	"fmt"

	"github.com/srekpi/srekpi/metrics"
)

// healthView says how far the data can be trusted: what each source delivered
// and what could not be read.
type healthView struct {
	Sources []sourceRow
	Reasons []reasonRow
	More    string
}

type sourceRow struct {
	Name, Type, Entity                               string
	From, To                                         string
	Records, Staged, Filtered, Quarantined, Unmapped tally
}

type reasonRow struct {
	Source, Reason string
	Rows           tally
	Example        string // where to look: file and line, else the id
}

const reasonsShown = 20

func health(ctx context.Context, s *sheet) (*answer, error) {
	if len(s.sources) == 0 {
		return &answer{Unasked: "no source has delivered anything yet: run srekpi ingest"}, nil
	}
	view := healthView{}
	for _, one := range s.sources {
		row := sourceRow{Name: clip(one.Name, 60), Type: clip(one.Type, 40), Entity: clip(one.Entity, 40), From: metrics.NotCollected, To: metrics.NotCollected,
			Records: health1("records", one.Records), Staged: health1("staged", one.Staged), Filtered: health1("filtered", one.Filtered),
			Quarantined: health1("quarantined", one.Quarantined), Unmapped: health1("unmapped", one.Unmapped)}
		if one.From != nil {
			row.From = s.clock.at(*one.From)
		}
		if one.To != nil {
			row.To = s.clock.at(*one.To)
		}
		view.Sources = append(view.Sources, row)
	}
	var reasons []struct {
		Source string `ch:"source"`
		Reason string `ch:"reason"`
		Rows   uint64 `ch:"rows"`
		File   string `ch:"file"`
		Line   uint64 `ch:"line"`
		ID     string `ch:"id"`
	}
	// What was quarantined after this page's clock is not known to it.
	err := s.conn.Select(ctx, &reasons, `
		SELECT toString(q.source) AS source, q.reason AS reason, count() AS rows,
		       argMin(q.file, (q.file, q.line, q.id)) AS file, argMin(q.line, (q.file, q.line, q.id)) AS line, argMin(q.id, (q.file, q.line, q.id)) AS id
		FROM quarantine AS q
		GROUP BY source, reason
		ORDER BY rows DESC, source, reason`)
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	total := 0
	for n, r := range reasons {
		total += int(r.Rows)
		if n >= reasonsShown {
			continue
		}
		row := reasonRow{Source: clip(r.Source, 60), Reason: clip(r.Reason, 200), Rows: health1("quarantine", r.Rows), Example: clip(r.ID, 60)}
		if r.File != "" {
			row.Example = fmt.Sprintf("%s, line %d", clip(r.File, 80), r.Line)
		}
		view.Reasons = append(view.Reasons, row)
	}
	if len(reasons) > reasonsShown {
		view.More = fmt.Sprintf("%d more reasons are in the table quarantine.", len(reasons)-reasonsShown)
	}
	lead := fmt.Sprintf("%s delivered.", capital(counted(len(s.sources), "source", "sources")))
	if total > 0 {
		lead += fmt.Sprintf(" %s could not be read and %s kept aside until somebody mends them.", capital(counted(total, "record", "records")), isAre(total))
	}
	return &answer{Lead: lead, View: view}, nil
}

func health1(what string, n uint64) tally { return tallyOf("health/"+what, int(n)) }
