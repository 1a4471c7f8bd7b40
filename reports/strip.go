package reports

import (
	"context"
	"html/template"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// stripView is the scoreboard: one row a KPI, and the same figures of the
// periods before it as a table.
type stripView struct {
	Column, TrendColumn string
	Rows                []stripRow
	History             historyTable
	Drawn               string // about the lines, which only the page has
	Note                prose
	Absent              []prose
}

type stripRow struct {
	Name  string `view:"key"`
	Title string `view:"name"`
	Also  string `view:"name"`
	Big   figure
	Was   figure   // as issued, where that reads otherwise
	Unit  prose    // under the big figure: "typical", "per shift"
	Of    []figure // k and n of a rate
	Rest  []part
	Spark template.HTML `view:"structure"`
	Range figure
	Bare  string // why there is no range
	Word  word
	Why   prose // what the signal is, or which period was judged
}

// part is a piece of a line: words, then a figure, then words.
type part struct {
	Before string
	Figure figure
	After  string
}

// trendPeriods is how many periods a sparkline shows.
const trendPeriods = 13

// strip shows the KPIs of the headline, each with its number, its interval, its
// past and a word.
func strip(ctx context.Context, s *sheet) (*answer, error) {
	view := stripView{Column: "This " + s.period.Kind, TrendColumn: "Last " + spanned(trendPeriods, s.period.Kind)}
	words := map[string]int{}
	shown, absent, err := s.showable(ctx, s.headline())
	if err != nil {
		return nil, err
	}
	view.Absent = absent
	for _, r := range shown {
		row, err := s.stripRow(ctx, r, trendPeriods)
		if err != nil {
			return nil, err
		}
		words[row.Word.Tone]++
		view.Rows = append(view.Rows, row)
		view.History.add(r, trendPeriods)
	}
	if len(view.Rows) == 0 {
		return s.nothingShown(absent), nil
	}
	view.History.ID = "strip"
	view.History.Summary = "The last " + spanned(trendPeriods, s.period.Kind) + " in numbers"
	view.Drawn = "Shaded: the normal range, set from the first periods and kept. Each line has its own scale, from zero."
	if judged := len(view.Rows) - words["few"]; s.running() {
		// nothing of it is judged
	} else if judged > 0 {
		view.Note = follow(view.Note, s.byChance(judged))
	} else {
		view.Note = follow(view.Note, tell("The first normal ranges appear after 12 settled %ss.", s.period.Kind))
	}
	return &answer{Told: stripLead(words, s), View: view}, nil
}

// spanned writes "13 weeks": a constant of the page, no figure.
func spanned(n int, kind string) string { return metrics.Number(float64(n)) + " " + kind + "s" }

func stripLead(words map[string]int, s *sheet) prose {
	out := words["worse"] + words["better"] + words["changed"]
	if s.running() {
		return tell("The %s is still running: its figures go up to %s, and nothing is judged by them. What stood at the last settled %s is told beside them.", s.period.Kind, dated(s.clock.short(s.asOf)), s.period.Kind)
	}
	of := prose{}
	if few := words["few"]; few > 0 {
		of = tell("; %s cannot be judged", inWords("strip/few", few))
	}
	judged := inWords("strip/judged", out+words["usual"])
	switch {
	case out == 0 && words["usual"] == 0:
		return tell("There are too few settled %ss to say what is normal.", s.period.Kind)
	case out == 0 && words["usual"] == 1:
		return tell("The only line that can be judged does not stand out.")
	case out == 0:
		return tell("None of %s lines stands out%s.", judged, of)
	case out == 1:
		return capped(tell("%s of %s lines stands out%s.", inWords("strip/out", out), judged, of))
	}
	return capped(tell("%s of %s lines stand out%s.", inWords("strip/out", out), judged, of))
}

func (s *sheet) stripRow(ctx context.Context, r *reading, periods int) (stripRow, error) {
	row := stripRow{Name: r.KPI.Name, Title: r.KPI.Title, Also: firstAlias(r.KPI.Also), Word: r.word(), Range: r.band(), Bare: r.rangeless(), Spark: r.spark(periods)}
	v := r.value()
	if v == nil {
		row.Big = figure{Text: metrics.NotCollected, Part: "value"}
	} else {
		row.Big = figureOf(r.KPI.Kind, *v)
		row.Was = s.asIssued(r.KPI, row.Big)
	}
	if signal := r.standing(); signal != nil && r.ranged() {
		row.Why = signalOf(*signal)
	}
	if r.Judged >= 0 && r.ranged() && r.Judged != len(r.Points)-1 {
		at := tell("read at %s", dated(r.Points[r.Judged].Name))
		if len(row.Why) > 0 {
			at = tell("%s, %s", row.Why, at)
		}
		row.Why = at
	}
	if s.running() && r.Judged >= 0 && row.Word.Tone != "few" {
		row.Why = tell("%s: %s", dated(capital(r.Points[r.Judged].Name)), row.Word.Text)
		row.Word = word{Text: "so far", Shape: "dash", Tone: "few"}
	}
	if v == nil {
		return row, nil
	}
	var behind []float64
	var err error
	if r.current() {
		if behind, err = s.durationsOf(ctx, r.KPI); err != nil {
			return row, err
		}
	} else {
		row.Unit = tell("settled: %s", dated(r.Points[r.Shown].Name))
		if r.KPI.Kind == metrics.KindAverage {
			row.Unit = tell("%s, %s", s.unit(r.KPI), row.Unit)
		}
	}
	interval := metrics.Plausible(r.KPI, *v, behind)
	s.print(*v, interval, metrics.Headline(r.KPI, r.Now))
	if row.Rest, err = s.rest(ctx, r, *v, interval); err != nil {
		return row, err
	}
	if len(row.Unit) == 0 && v.Value != nil {
		row.Unit = s.unit(r.KPI)
	}
	if (r.KPI.Kind == metrics.KindRate) && v.K != nil && v.N != nil && *v.N > 0 {
		row.Of = []figure{partOf(*v, "k"), partOf(*v, "n")}
	}
	return row, nil
}

// unit is what stands under a figure: of what it is, and that it is not final.
func (s *sheet) unit(k metrics.KPI) prose {
	var words []string
	switch {
	case k.Kind == metrics.KindDuration:
		return tell("typical")
	case k.Kind == metrics.KindAverage && metrics.IsChance(k.Name):
		words = append(words, "by chance alone")
	case k.Kind == metrics.KindAverage:
		words = append(words, "per "+or(k.Unit, "unit"))
	case k.Stock && s.running():
		return tell("open now")
	case k.Stock:
		return tell("open at the end")
	case k.Kind == metrics.KindShare && k.Unit != "":
		words = append(words, "of all "+map[bool]string{true: "hours", false: k.Unit}[k.Unit == "h"])
	case k.Kind == metrics.KindCount && k.Unit != "":
		words = append(words, k.Unit)
	}
	if s.running() {
		words = append(words, "so far")
	}
	return pieces(strings.Join(words, ", "))
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// rest is what belongs beside the big figure, most telling first.
func (s *sheet) rest(ctx context.Context, r *reading, v metrics.Value, i metrics.Interval) ([]part, error) {
	var out []part
	add := func(before string, f figure, after string) {
		if f.Text != "" {
			out = append(out, part{before, f, after})
		}
	}
	k := r.KPI
	switch {
	case k.Kind == metrics.KindCount && !s.running():
		add("a pace of ", intervalOf(k.Kind, v, i), " a "+s.period.Kind)
	case k.Kind == metrics.KindShare: // the figure is the range itself
		if v.N != nil {
			add("", partOf(v, "n"), " "+strings.TrimSpace(k.Unit+" classified"))
		}
	case k.Kind != metrics.KindCount:
		add("plausibly ", intervalOf(k.Kind, v, i), "")
	}
	if k.Kind == metrics.KindCount && k.Unit != "" && !k.Stock || k.Kind == metrics.KindAverage {
		add("over ", partOf(v, "n"), " "+noun(map[bool]string{true: or(k.Unit, "unit"), false: k.Entity}[k.Kind == metrics.KindAverage], uint64(of(v.N))))
	}
	if k.Name == impactHours {
		blank, err := s.notStated(ctx, v)
		if err != nil {
			return nil, err
		}
		add("", blank, " not stated")
	}
	if k.Kind == metrics.KindDuration {
		n := metrics.Stat(r.Now, metrics.KindCount)
		if n != nil && n.Value != nil && *n.Value >= metrics.MinP90 {
			s.also(r, "p90", add, "9 in 10 within ")
		} else {
			s.also(r, "max", add, "slowest ")
		}
		s.also(r, "mean", add, "mean ")
		if n != nil {
			s.print(*n, metrics.Interval{}, "")
			add("", figureOf(k.Kind, *n), " "+k.Past())
			add("", partOf(*n, "open"), lastingWords(k))
		}
		if k.Name == mitigation {
			back, err := s.fellBack(ctx, v)
			if err != nil {
				return nil, err
			}
			add("", back, " without a start or end of impact: the incident's own stands in")
		}
	}
	by, err := s.chanceOf(ctx, r)
	if err != nil {
		return nil, err
	}
	if by != nil {
		add("chance alone gives ", *by, "")
	}
	if k.Kind == metrics.KindRate && v.N != nil && *v.N == 0 && v.Excluded > 0 {
		add("", partOf(v, "excluded"), " left out")
	}
	if v.Unknown > 0 {
		word := " unknown"
		switch {
		case k.Kind == metrics.KindShare:
			word = " " + strings.TrimSpace(k.Unit+" unclassified")
		case !v.Complete:
			word = " pending or unknown"
		}
		add("", partOf(v, "unknown"), word)
	}
	if now := r.Points[len(r.Points)-1].Value; !r.current() && now != nil {
		if k.Kind != metrics.KindAverage {
			add("this "+s.period.Kind+": ", partOf(*now, "unknown"), " pending")
		} else if now.Value != nil {
			s.print(*now, metrics.Interval{}, "")
			add("this "+s.period.Kind+", not final: ", figureOf(k.Kind, *now), "")
		}
	}
	return out, nil
}

// lastingWords say what became of a duration without an end. What nobody ever
// acknowledged may be long over, and stays in the count.
func lastingWords(k metrics.KPI) string {
	if k.Lasting() == "still open" {
		return " still open"
	}
	return " of all collected " + k.Lasting()
}

// also prints another stat of the same KPI, where there is a value.
func (s *sheet) also(r *reading, stat string, add func(string, figure, string), before string) {
	if v := metrics.Stat(r.Now, stat); v != nil && v.Value != nil {
		s.print(*v, metrics.Interval{}, "")
		add(before, figureOf(r.KPI.Kind, *v), "")
	}
}
