package reports

import (
	"context"
	"fmt"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// rowsShown is how many rows of evidence a page carries for each KPI; the
// others are in the warehouse, under the command that the page prints.
const rowsShown = 300

// evidencePart is the rows of one fate: counted, still open, left out.
type evidencePart struct {
	Title                     string
	Rows                      []evidenceRow
	Value, Hit, Basis, Reason bool // which columns it has
}

type evidenceRow struct {
	ID         string
	Key        place
	Title      string
	From, At   string
	AtRaw      int64
	Value      tally
	Hit, Basis string
	Refs       string
	Reason     string
}

// The fates of a row of evidence.
const (
	counts = iota
	unknown
	stillOpen
	leftOut
	fates
)

var fateTitles = [fates]string{"Counted", "Outcome not known", "Still open at the end", "Left out"}

// spare is how many rows each fate but the first may take of a page's rows, so
// that a thousand counted ones do not push out the few that were left out.
const spare = 60

// fate says what became of a row in this period.
func (s *sheet) fate(k metrics.KPI, e metrics.Evidence) int {
	part := k.Kind == metrics.KindRate || k.Kind == metrics.KindShare
	switch {
	case !e.Included:
		return leftOut
	case k.Kind == metrics.KindDuration && e.OpenIn(s.period):
		return stillOpen
	case part && e.Hit == nil:
		return unknown
	}
	return counts
}

// shownRows is the evidence of a KPI by fate, cut to what a page carries.
func (s *sheet) shownRows(ctx context.Context, k metrics.KPI) (shown [fates][]metrics.Evidence, count [fates]int, err error) {
	rows, err := s.evidenceOf(ctx, k.Name)
	if err != nil {
		return shown, count, err
	}
	for _, e := range rows {
		f := s.fate(k, e)
		count[f]++
		shown[f] = append(shown[f], e)
	}
	left := rowsShown
	for f := leftOut; f > counts; f-- {
		shown[f] = shown[f][:min(len(shown[f]), max(spare, rowsShown-len(rows)+len(shown[f])))]
		left -= len(shown[f])
	}
	shown[counts] = shown[counts][:min(len(shown[counts]), left)]
	return shown, count, nil
}

// row is the fragment at which a record stands in the evidence of a KPI; where
// the page cuts it off, that of the whole section.
func (s *sheet) row(ctx context.Context, kpi, id string) string {
	if k := s.kpi(kpi); k != nil {
		if shown, _, err := s.shownRows(ctx, *k); err == nil {
			for _, rows := range shown {
				for _, e := range rows {
					if e.ID == id {
						return "#" + anchor(kpi, id)
					}
				}
			}
		}
	}
	return "#evidence-" + kpi
}

// evidenceParts fills in the rows of each fate.
func (s *sheet) evidenceParts(ctx context.Context, d *defined, k metrics.KPI) error {
	shown, count, err := s.shownRows(ctx, k)
	if err != nil {
		return err
	}
	var says []string
	total := 0
	for f, rows := range shown {
		d.Total += count[f]
		total += len(rows)
		if count[f] == 0 {
			continue
		}
		says = append(says, fmt.Sprintf("%s %s", metrics.Number(float64(count[f])), strings.ToLower(fateTitles[f])))
		part := evidencePart{Title: fmt.Sprintf("%s: %s", fateTitles[f], metrics.Number(float64(count[f]))), Value: f == counts && k.Kind != metrics.KindRate && k.Kind != metrics.KindCount,
			Hit: f == counts && k.Kind == metrics.KindRate, Reason: f == unknown || f == leftOut, Basis: f == counts}
		for _, e := range rows {
			part.Rows = append(part.Rows, s.evidenceRow(k, e))
		}
		d.Parts = append(d.Parts, part)
	}
	d.Summary = strings.Join(says, ", ")
	if total < d.Total {
		d.More = fmt.Sprintf("%s of %s rows are shown. All of them:", metrics.Number(float64(total)), metrics.Number(float64(d.Total)))
		d.SQL = s.evidenceSQL(k)
	}
	return nil
}

func (s *sheet) evidenceRow(k metrics.KPI, e metrics.Evidence) evidenceRow {
	row := evidenceRow{ID: anchor(k.Name, e.ID), Key: place{Text: clip(e.Key, 40), URL: link(e.URL)}, Title: clip(e.Title, 80),
		Basis: clip(e.Basis, 60), Reason: clip(e.Reason, 160)}
	if row.Key.Text == "" {
		row.Key.Text = clip(e.ID, 40)
	}
	if e.FromAt != nil {
		row.From = s.clock.short(*e.FromAt)
		row.AtRaw = e.FromAt.Unix()
	}
	if e.At != nil {
		row.At = s.clock.short(*e.At)
		row.AtRaw = e.At.Unix()
	}
	if e.Value != nil {
		row.Value = tally{Text: metrics.Number(*e.Value), What: "evidence/" + k.Name, Raw: raw(e.Value)}
		if k.Kind == metrics.KindDuration {
			row.Value.Text = metrics.Duration(*e.Value)
		}
	}
	if e.Hit != nil {
		row.Hit = [...]string{"no", "yes"}[min(*e.Hit, 1)]
	}
	for i, ref := range e.Refs {
		if i == 3 {
			row.Refs += fmt.Sprintf(" and %d more", len(e.Refs)-3)
			break
		}
		row.Refs = joined(row.Refs, clip(ref, 60))
	}
	return row
}

// evidenceSQL is the command that lists all rows of a KPI in this period.
func (s *sheet) evidenceSQL(k metrics.KPI) string {
	from, to := s.period.StartsAt.UTC().Format("2006-01-02 15:04:05"), s.period.EndsAt.UTC().Format("2006-01-02 15:04:05")
	open := ""
	if k.Kind == metrics.KindDuration {
		open = fmt.Sprintf(" OR included = 1 AND from_at < '%s' AND ifNull(at >= '%s', 1)", to, to)
	}
	return fmt.Sprintf(`srekpi sql "SELECT * FROM kpi_evidence WHERE kpi = '%s' AND (at >= '%s' AND at < '%s'%s) ORDER BY included DESC, at"`, k.Name, from, to, open)
}
