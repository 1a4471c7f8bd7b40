package reports

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// Schema names the shape of the JSON. Within a version fields are added only;
// docs/formats.md says what each means.
const Schema = "srekpi/report/1"

// exported is the document for other tools. What is not known is null.
type exported struct {
	Schema     string          `json:"schema"`
	Document   string          `json:"document"`
	Title      string          `json:"title"`
	Whose      string          `json:"whose"`
	Period     exportedPeriod  `json:"period"`
	State      string          `json:"state"`
	IssuedAt   *time.Time      `json:"issued_at"`
	DataAsOf   time.Time       `json:"data_as_of"`
	AsOf       time.Time       `json:"as_of"`
	Definition string          `json:"definition"`
	Path       string          `json:"path"`
	URL        *string         `json:"url"`
	Verdict    string          `json:"verdict"`
	Sources    []exportSource  `json:"sources"`
	Missing    []string        `json:"missing"`
	Figures    []exportFigure  `json:"figures"`
	Findings   []exportFinding `json:"findings"`
	Blocks     []exportBlock   `json:"blocks"`
}

type exportedPeriod struct {
	Kind  string    `json:"kind"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Label string    `json:"label"`
	Zone  string    `json:"zone"`
}

type exportSource struct {
	Name        string     `json:"name"`
	Type        string     `json:"type"`
	Entity      string     `json:"entity"`
	From        *time.Time `json:"from"`
	To          *time.Time `json:"to"`
	Records     uint64     `json:"records"`
	Staged      uint64     `json:"staged"`
	Filtered    uint64     `json:"filtered"`
	Quarantined uint64     `json:"quarantined"`
	Unmapped    uint64     `json:"unmapped"`
}

type exportFigure struct {
	KPI          string   `json:"kpi"`
	Title        string   `json:"title"`
	Unit         string   `json:"unit"`
	Kind         string   `json:"kind"`
	PeriodStart  string   `json:"period_start"`
	Dim          string   `json:"dim"`
	DimValue     string   `json:"dim_value"`
	Stat         string   `json:"stat"`
	Value        *float64 `json:"value"`
	Low          *float64 `json:"low"`
	High         *float64 `json:"high"`
	IntervalLow  *float64 `json:"interval_low"`
	IntervalHigh *float64 `json:"interval_high"`
	K            *float64 `json:"k"`
	N            *float64 `json:"n"`
	Unknown      float64  `json:"unknown"`
	Open         uint64   `json:"open"`
	Excluded     uint64   `json:"excluded"`
	Complete     bool     `json:"complete"`
	NormalLow    *float64 `json:"normal_low"`
	NormalHigh   *float64 `json:"normal_high"`
	Signal       *string  `json:"signal"`
	Sentence     string   `json:"sentence"`
}

type exportFinding struct {
	Text  string       `json:"text"`
	Ask   string       `json:"ask"`
	Links []exportLink `json:"links"`
}

type exportLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

type exportBlock struct {
	ID     string        `json:"id"`
	Title  string        `json:"title"`
	Text   string        `json:"text"`
	Tables []exportTable `json:"tables"`
}

type exportTable struct {
	Caption string     `json:"caption"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// json is the document with its figures as the tables have them.
func (m *composed) json() ([]byte, error) {
	s := m.sheet
	out := exported{
		Schema: Schema, Document: m.document.name, Title: m.head.Title, Whose: m.head.Whose,
		Period: exportedPeriod{s.period.Kind, s.period.StartsAt.In(s.clock.zone), s.period.EndsAt.In(s.clock.zone), s.period.Label, s.clock.zone.String()},
		State:  strings.ToLower(m.head.State.Word), DataAsOf: s.dataAsOf.UTC(), AsOf: s.asOf.UTC(), Definition: s.definition,
		Path: m.path(), Verdict: s.verdict,
		Sources: []exportSource{}, Missing: []string{}, Figures: []exportFigure{}, Findings: []exportFinding{}, Blocks: []exportBlock{},
	}
	if s.issue != nil {
		out.IssuedAt = ptrTo(s.issue.IssuedAt.UTC())
	}
	if page := m.address(); page != "" {
		out.URL = &page
	}
	for _, one := range s.sources {
		out.Sources = append(out.Sources, exportSource{one.Name, one.Type, one.Entity, utc(one.From), utc(one.To), one.Records, one.Staged, one.Filtered, one.Quarantined, one.Unmapped})
	}
	for _, one := range m.head.Missing {
		out.Missing = append(out.Missing, unspaced(one.String()))
	}
	for _, p := range s.printed {
		out.Figures = append(out.Figures, s.exportFigure(p))
	}
	a := abridged{page: m.address()}
	for _, f := range s.asked {
		one := exportFinding{Text: unspaced(prose(f.Pieces).String()), Ask: f.Ask, Links: []exportLink{}}
		for _, p := range f.Pieces {
			if p.URL == "" {
				continue
			}
			url := p.URL // of the page where its address is not known
			if whole := a.address(url); whole != "" {
				url = whole
			}
			one.Links = append(one.Links, exportLink{p.Text, url})
		}
		out.Findings = append(out.Findings, one)
	}
	passages, err := outline(m.sections)
	if err != nil {
		return nil, err
	}
	for _, p := range passages {
		if p.ID == "evidence" {
			continue // kpi_evidence has it whole
		}
		one := exportBlock{ID: p.ID, Title: p.Title, Tables: []exportTable{}}
		one.Text = strings.Join(one.collect(p.Nodes), "\n")
		out.Blocks = append(out.Blocks, one)
	}
	b, err := json.MarshalIndent(out, "", "  ")
	return append(b, '\n'), err
}

// exportFigure is a printed value with what its series says of it.
func (s *sheet) exportFigure(p metrics.Printed) exportFigure {
	f := exportFigure{KPI: p.KPI, PeriodStart: p.PeriodStart.Format(time.DateOnly), Dim: p.Dim, DimValue: p.DimValue, Stat: p.Stat, Value: p.Value.Value,
		K: p.K, N: p.N, Unknown: p.Unknown, Open: p.Open, Excluded: p.Excluded, Complete: p.Complete, Sentence: unspaced(p.Verdict)}
	if k := s.kpi(p.KPI); k != nil {
		f.Title, f.Kind = k.Title, k.Kind
		f.Unit = unitOfFigure(*k, p.Stat)
	}
	if f.Kind == metrics.KindShare {
		f.Low, f.High = p.Low, p.High
	} else {
		f.IntervalLow, f.IntervalHigh = p.Low, p.High
	}
	r := s.readings[p.KPI]
	if r == nil || p.Dim != "all" || p.Stat != headStat(r.KPI) {
		return f
	}
	if i := r.normal(); i.OK {
		f.NormalLow, f.NormalHigh = &i.Low, &i.High
	}
	if r.Judged >= 0 && r.Points[r.Judged].Start.Equal(p.PeriodStart) {
		f.Signal = ptrTo(r.word().Text)
	}
	return f
}

// unitOfFigure is what a value counts in: seconds, a part of 1, or things.
func unitOfFigure(k metrics.KPI, stat string) string {
	switch {
	case stat == metrics.KindCount && k.Kind != metrics.KindCount:
		return k.Entity
	case k.Kind == metrics.KindDuration:
		return "seconds"
	case k.Kind == metrics.KindRate, k.Kind == metrics.KindShare, metrics.IsChance(k.Name):
		return "ratio"
	case k.Kind == metrics.KindAverage:
		return k.Entity + " per " + or(k.Unit, "unit")
	}
	return or(k.Unit, k.Entity)
}

// collect takes the tables out and gives the rest as lines.
func (b *exportBlock) collect(nodes []node) []string {
	var lines []string
	say := func(words []span) {
		if text := spoken(words); text != "" {
			lines = append(lines, text)
		}
	}
	for _, n := range nodes {
		switch n.Kind {
		case paragraph, heading:
			say(n.Words)
		case list:
			for _, item := range n.Items {
				lines = append(lines, strings.Join(b.collect(item), " \u00b7 "))
			}
		case terms:
			for _, t := range n.Terms {
				say(t.line())
			}
		case tabular:
			t := exportTable{Caption: spoken(n.Table.Caption), Columns: []string{}, Rows: [][]string{}}
			for _, c := range n.Table.Columns {
				t.Columns = append(t.Columns, spoken(c))
			}
			for _, row := range n.Table.Rows {
				cells := []string{}
				for _, c := range row {
					cells = append(cells, spoken(c))
				}
				t.Rows = append(t.Rows, cells)
			}
			b.Tables = append(b.Tables, t)
		case carding:
			lines = append(lines, strings.Join(b.collect(n.Inner), " \u00b7 "))
		case fold:
			say(n.Words)
			lines = append(lines, b.collect(n.Inner)...)
		}
	}
	return lines
}

// unspaced writes the spaces that hold a number and its unit together as plain ones.
func unspaced(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}
