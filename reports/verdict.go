package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// verdictView is the month in a paragraph, and under it the three lists that it
// is made of: what changed, what did not, what cannot be told.
type verdictView struct {
	Paragraph []piece
	Changed   []judged
	Usual     []judged
	Unclear   []judged
	Asked     []prose // of the reader, in short; the grounds stand with the decisions
}

type judged struct {
	Name  string `view:"key"`
	Title string `view:"name"`
	Tone  string
	Said  figure // the text, with the row that it judges
	Now   figure // what the month shows

	text  string
	level bool // told, not judged
}

// comparedMonths is how many months before, taken together, a month is held
// against: a single one is too few to tell anything apart from chance.
const comparedMonths = 3

func verdict(ctx context.Context, s *sheet) (*answer, error) {
	view := verdictView{}
	names, err := s.judgedHere(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, err
		}
		if !r.collected() {
			continue // the panels say what to configure
		}
		j, fate, err := s.judgeKPI(ctx, r)
		if err != nil {
			return nil, err
		}
		j.Said = figure{Text: j.text, Part: "verdict"}
		if v := r.Points[len(r.Points)-1].Value; v != nil {
			j.Said.Mark, j.Said.Raw = mark(*v), raw(v.Value)
			j.Now = figureOf(r.KPI.Kind, *v).in(r.KPI)
			if read := r.value(); !r.current() && read != nil {
				j.Now = figureOf(r.KPI.Kind, *read).in(r.KPI)
				s.print(*read, metrics.Interval{}, "")
			}
			s.print(*v, metrics.Interval{}, j.Title+": "+j.text)
		}
		switch fate {
		case changed:
			view.Changed = append(view.Changed, j)
			s.turned = append(s.turned, name)
		case asUsual:
			view.Usual = append(view.Usual, j)
		case cannotTell:
			if !j.level { // which is told, not judged
				view.Unclear = append(view.Unclear, j)
			}
		}
	}
	if len(view.Changed)+len(view.Usual)+len(view.Unclear) == 0 {
		s.verdict = s.monthVerdict(view)
		return &answer{Calm: tell("no figure of it is collected, so nothing can be told.")}, nil
	}
	view.Paragraph = s.paragraph(view)
	if s.running() {
		view.Unclear = nil // one sentence says it of all
	}
	s.verdict = s.monthVerdict(view)
	asking, err := s.asking(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range asking {
		view.Asked = append(view.Asked, f.inShort())
	}
	return &answer{View: view}, nil
}

// judgedHere are the KPIs of the headline and every other of which a signal
// stands among all figures: a verdict that keeps silent about it would be false.
func (s *sheet) judgedHere(ctx context.Context) ([]string, error) {
	names := s.headline()
	if s.running() {
		return names, nil
	}
	signals, _, err := s.ranked(ctx)
	if err != nil {
		return nil, err
	}
	for _, signal := range signals {
		if !slices.Contains(names, signal.KPI) {
			names = append(names, signal.KPI)
		}
	}
	return names, nil
}

const (
	cannotTell = iota
	changed
	asUsual
)

// judgeKPI is the verdict on one KPI, with what must stand beside it: that of
// chance beside a suspicion, and the reading of the newest settled month of one
// that settles late, as all figures give it.
func (s *sheet) judgeKPI(ctx context.Context, r *reading) (judged, int, error) {
	j, fate, err := s.judgeMonth(ctx, r)
	if err != nil || s.running() || j.level {
		return j, fate, err
	}
	if last := len(r.Points) - 1; r.Judged >= 0 && r.Judged != last && r.ranged() && r.word().Tone != "few" {
		at := r.Points[r.Judged].Name
		reading := fmt.Sprintf("read at %s: %s", at, r.word().Text)
		if signal := r.standing(); signal != nil {
			reading = fmt.Sprintf("%s, read at %s: %s", signal.Word(), at, signal.Sentence())
			if now := r.Points[last].Value; now != nil && (present(now) || now.Unknown > 0) {
				if fate != changed {
					j.Tone, j.text = r.word().Tone, ""
				}
				fate = changed
			}
		}
		if j.text != "" {
			j.text += "; "
		}
		j.text += reading
	}
	by, err := s.chanceOf(ctx, r)
	if by != nil {
		j.text += "; chance alone gives " + by.Text
	}
	return j, fate, err
}

// judgeMonth says what a month shows of one KPI. A change is a signal, or a
// difference to the three months before that chance seldom makes. As usual is
// said only of a figure that lies inside a normal range.
func (s *sheet) judgeMonth(ctx context.Context, r *reading) (judged, int, error) {
	j := judged{Name: r.KPI.Name, Title: r.KPI.Title}
	if s.running() {
		j.text = "the month is still running"
		return j, cannotTell, nil
	}
	now := r.Points[len(r.Points)-1].Value
	if now == nil || !present(now) {
		switch {
		case now == nil:
			j.text = metrics.NotCollected
		case now.Unknown > 0:
			j.text = fmt.Sprintf("not known of any of the %s that count", metrics.Number(now.Unknown))
		default:
			j.text = figureOf(r.KPI.Kind, *now).Text
		}
		return j, cannotTell, nil
	}
	if r.KPI.Stock {
		j.level, j.text = true, figureOf(r.KPI.Kind, *now).Text+", a level, not judged"
		return j, cannotTell, nil
	}
	if mostlyUnknown(r.KPI, now) && now.Complete {
		j.text = fmt.Sprintf("%s of %s cannot be judged", metrics.Number(now.Unknown), metrics.Number(*now.N+now.Unknown))
		return j, cannotTell, nil
	}
	c, months, err := s.compared(ctx, r)
	if err != nil {
		return j, cannotTell, err
	}
	signal := r.standing()
	if r.Judged != len(r.Points)-1 {
		signal = nil
	}
	switch {
	case !now.Complete && now.Unknown > 0: // it flatters as long as outcomes are to come
		j.text = fmt.Sprintf("%s of its outcomes %s pending or unknown", metrics.Number(now.Unknown), isAre(int(now.Unknown)))
		return j, cannotTell, nil
	case c.Direction != 0:
		j.Tone = metrics.Turn(c.Direction, r.KPI.Better)
		j.text = c.Verdict + ", against " + monthsBefore(months)
		if signal != nil {
			j.text += "; " + signal.Sentence()
		}
		return j, changed, nil
	case signal != nil:
		j.text = signal.Word() + ", " + signal.Sentence()
		j.Tone = r.word().Tone
		return j, changed, nil
	case r.Wide && now.Complete:
		j.text = "varies too much to tell"
		return j, cannotTell, nil
	case r.ranged() && r.carries(len(r.Points)-1):
		f, band := figureOf(r.KPI.Kind, *now).in(r.KPI), intervalOf(r.KPI.Kind, metrics.Value{}, r.normal())
		j.text = f.Text + ", normal is " + band.Text
		return j, asUsual, nil
	case c.Verdict != "":
		j.text = strings.TrimPrefix(c.Verdict, metrics.CannotTell+": ")
		return j, cannotTell, nil
	}
	j.text = "nothing to compare with"
	if !now.Complete {
		j.text = "not final"
	}
	return j, cannotTell, nil
}

// paragraph is the verdict in plain words.
func (s *sheet) paragraph(v verdictView) []piece {
	if s.running() {
		return []piece{dated(capital(s.period.Label)), say(" is still running. Its figures go up to "), dated(s.clock.short(s.asOf)), say("; a verdict comes when it is over.")}
	}
	var out []piece
	switch len(v.Changed) {
	case 0:
		if len(v.Usual) == 0 {
			return []piece{say("Whether anything changed in "), dated(s.period.Label), say(" cannot be told: the data are too few or not final. What is missing stands below, for each figure.")}
		}
		out = append(out, tell("Nothing measured here really changed in %s.", dated(s.period.Label))...)
	case 1:
		out = append(out, capped(tell("%s thing really changed in %s.", inWords("verdict/changed", len(v.Changed)), dated(s.period.Label)))...)
	default:
		out = append(out, capped(tell("%s things really changed in %s.", inWords("verdict/changed", len(v.Changed)), dated(s.period.Label)))...)
	}
	for _, j := range v.Changed {
		out = append(out, say(" "), naming(j.Title), say(" ("), showing(j.Now), say("): "), showing(j.Said), say("."))
	}
	if len(v.Usual) > 0 {
		out = append(out, tell(" As usual: %s.", plainly(listed(titles(v.Usual))))...)
	}
	if len(v.Unclear) > 0 {
		out = append(out, tell(" Cannot be told, for too few or unfinished data: %s.", plainly(listed(titles(v.Unclear))))...)
	}
	return out
}

// monthVerdict is the line that the index shows.
func (s *sheet) monthVerdict(v verdictView) string {
	if s.running() {
		return "The month is still running."
	}
	var said []string
	for _, j := range v.Changed {
		said = append(said, lower(j.Title)+" "+brief(j.text))
	}
	if len(v.Changed)+len(v.Usual) == 0 {
		return "Too few data to tell whether anything changed."
	}
	out := "Nothing really changed"
	if len(said) > 0 {
		out = "Changed: " + strings.Join(said, "; ")
	}
	return fmt.Sprintf("%s. As usual: %s. Cannot tell: %s.", out, spelled(len(v.Usual)), spelled(len(v.Unclear)))
}

// brief drops the grounds: what stands in brackets, or behind a comma or semicolon.
func brief(s string) string {
	for _, mark := range []string{" (", ";", ", "} {
		s, _, _ = strings.Cut(s, mark)
	}
	return s
}

func titles(js []judged) []string {
	var out []string
	for _, j := range js {
		out = append(out, lower(j.Title))
	}
	return out
}
