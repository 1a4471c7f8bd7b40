package reports

import (
	"context"
	"fmt"
	"html"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// rowsShown is how many rows of evidence a page carries for each KPI; more stand
// in a file beside it, all of them in the warehouse, under the command that page
// and file print. All KPIs together carry at most pageRows rows and about pageBytes
// of markup, so that thirty of them leave a page that mail still takes. On a page
// with many cards each card beyond the usual takes the place of some rows.
const (
	rowsShown  = 300
	pageRows   = 3000
	pageBytes  = 450_000
	usualCards = 40
	cardBytes  = 2500
)

var fateTitles = [metrics.Fates]string{"Counted", "Outcome not known", "", "Left out"}

// fateTitle is what the rows of a fate are called.
func fateTitle(k metrics.KPI, f metrics.Fate) string {
	if f == metrics.StillOpen {
		if k.Lasting() == "still open" {
			return "Still open at the end"
		}
		return capital(k.Lasting()) + " by the end"
	}
	return fateTitles[f]
}

// spare is how large a part of a KPI's rows each fate but the first may take, so
// that a thousand counted ones do not push out the few that were left out.
const spare = 5 // one in five

// fate says what became of a row in this period.
func (s *sheet) fate(k metrics.KPI, e metrics.Evidence) metrics.Fate {
	part := k.Kind == metrics.KindRate || k.Kind == metrics.KindShare
	switch {
	case !e.Included:
		return metrics.LeftOut
	case k.Kind == metrics.KindDuration && e.OpenIn(s.period):
		return metrics.StillOpen
	case part && e.Hit == nil:
		return metrics.Unknown
	}
	return metrics.Counted
}

// cut chooses the rows of a KPI that a page shows when it may show so many.
func (s *sheet) cut(k metrics.KPI, all *behind, most int) (shown [metrics.Fates][]metrics.Evidence) {
	total := all.total()
	parts := s.byFate(k, all)
	left := most
	for f := metrics.LeftOut; f > metrics.Counted; f-- {
		shown[f] = parts[f][:min(len(parts[f]), max(most/spare, most-total+all.count[f]))]
		left -= len(shown[f])
	}
	shown[metrics.Counted] = parts[metrics.Counted][:min(len(parts[metrics.Counted]), max(left, 0))]
	return shown
}

// byFate parts the rows that were read, and adds up the markup that the first of
// each would take.
func (s *sheet) byFate(k metrics.KPI, all *behind) *[metrics.Fates][]metrics.Evidence {
	if all.parts == nil {
		all.parts = &[metrics.Fates][]metrics.Evidence{}
		for f := range all.bytes {
			all.bytes[f] = []int{0}
		}
		for _, e := range all.rows {
			f := s.fate(k, e)
			all.parts[f] = append(all.parts[f], e)
			all.bytes[f] = append(all.bytes[f], all.bytes[f][len(all.bytes[f])-1]+rowBytes(e))
		}
	}
	return all.parts
}

// perKPI is how many rows each KPI may show: 300, or as many as leave the page
// within its budget. The small ones keep all of theirs.
func (s *sheet) perKPI(ctx context.Context) (int, error) {
	if s.rowCap > 0 {
		return s.rowCap, nil
	}
	all := map[string]*behind{}
	for _, k := range s.kpis {
		b, err := s.evidenceOf(ctx, k.Name)
		if err != nil {
			return 0, err
		}
		all[k.Name] = b
	}
	if _, err := s.beganHere(ctx); err != nil {
		return 0, err
	}
	room := pageBytes - cardBytes*max(0, len(s.cards)-usualCards)
	fits := func(most int) bool {
		rows, size := 0, 0
		for _, k := range s.kpis {
			for f, shown := range s.cut(k, all[k.Name], most) {
				rows += len(shown)
				size += all[k.Name].bytes[f][len(shown)]
			}
		}
		return rows <= pageRows && size <= room
	}
	s.rowCap = rowsShown
	for s.rowCap > 10 && !fits(s.rowCap) {
		s.rowCap -= 10
	}
	return s.rowCap, nil
}

// rowBytes is about how much markup a row takes.
func rowBytes(e metrics.Evidence) int {
	const frame = 430
	return frame + len(html.EscapeString(clip(e.Title, 80))) + len(e.URL) + min(len(e.Reason), 160) + min(len(e.Basis), 60) + 110*min(len(e.Refs), refsShown)
}

// shownRows is the evidence of a KPI by fate, cut to what a page carries.
func (s *sheet) shownRows(ctx context.Context, k metrics.KPI) (shown [metrics.Fates][]metrics.Evidence, count [metrics.Fates]int, err error) {
	all, err := s.evidenceOf(ctx, k.Name)
	if err != nil {
		return shown, count, err
	}
	if all.shown == nil {
		most, err := s.perKPI(ctx)
		if err != nil {
			return shown, count, err
		}
		shown = s.cut(k, all, most)
		all.shown, all.ids = &shown, map[string]bool{}
		for _, rows := range shown {
			for _, e := range rows {
				all.ids[e.ID] = true
			}
		}
	}
	return *all.shown, all.count, nil
}

// row is the fragment at which a record stands in the evidence of a KPI; where
// the page cuts it off, that of the whole section.
func (s *sheet) row(ctx context.Context, kpi, id string) string {
	if k := s.kpi(kpi); k != nil {
		if _, _, err := s.shownRows(ctx, *k); err == nil && s.evidence[kpi].ids[id] {
			return "#" + anchor(kpi, id)
		}
	}
	return "#evidence-" + kpi
}

// evidenceParts fills in the rows of each fate. Where a page is written into a
// folder and cannot hold all of a KPI's rows, it links to the file beside it that
// holds more; see evidencefile.go.
func (s *sheet) evidenceParts(ctx context.Context, d *defined, k metrics.KPI) error {
	shown, count, err := s.shownRows(ctx, k)
	if err != nil {
		return err
	}
	total := 0
	for f, rows := range shown {
		d.Total += count[f]
		total += len(rows)
		if count[f] > 0 {
			d.Parts = append(d.Parts, s.evidencePart(k, metrics.Fate(f), rows, count[f]))
		}
	}
	d.Summary = fatesOf(k, count)
	if total == d.Total {
		return nil
	}
	here, all := tallyOf("evidence/"+k.Name+"/shown", total), tallyOf("evidence/"+k.Name+"/all", d.Total)
	if s.beside == "" {
		d.More = tell("%s of %s rows are shown. All of them:", here, all)
		d.SQL = s.evidenceSQL(k)
		return nil
	}
	s.overflow = append(s.overflow, k)
	file := s.beside + "/" + evidenceName(k.Name, 1)
	if d.Total <= fileRows {
		d.More = tell("%s of %s rows are shown. All of them stand in %s.", here, all, place{Text: "the full list", URL: file})
		return nil
	}
	more := 0
	for _, rows := range s.cut(k, s.evidence[k.Name], fileRows) {
		more += len(rows)
	}
	d.More = tell("%s of %s rows are shown, and the first %s in %s. All of them:", here, all, tallyOf("evidence/more", more), place{Text: "a longer list", URL: file})
	d.SQL = s.evidenceSQL(k)
	return nil
}

// fatesOf says how many rows came to what.
func fatesOf(k metrics.KPI, count [metrics.Fates]int) prose {
	var says prose
	for f, n := range count {
		if n == 0 {
			continue
		}
		if len(says) > 0 {
			says = append(says, say(", "))
		}
		title := fateTitle(k, metrics.Fate(f))
		says = append(says, tell("%s %s", tallyOf("evidence/"+k.Name+"/"+title, n), strings.ToLower(title))...)
	}
	return says
}

// evidenceSQL is the command that lists all rows of a KPI in this period; a table
// for people would end after 10,000.
func (s *sheet) evidenceSQL(k metrics.KPI) string {
	return fmt.Sprintf(`srekpi sql "SELECT * FROM kpi_evidence WHERE %s ORDER BY included DESC, at" --format CSVWithNames`, metrics.EvidenceSQL(k, s.period))
}
