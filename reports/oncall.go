package reports

import (
	"context"
	"fmt"

	"github.com/srekpi/srekpi/metrics"
)

// onCallView holds each rota against what a team bears. It ranks nothing and
// names nobody.
type onCallView struct {
	Period string
	Rotas  []rotaRow
	Others prose
	Note   prose
}

type rotaRow struct {
	Name, Tiers       string `view:"name"`
	People            tally
	Size              word
	Turn              string // how often each is on call
	Shifts            tally
	PerShift          tally // empty: no shift is over, and the columns after it say nothing
	Pages, Off, Night tally
	Worst             tally // night pages of the shift with most of them, where they are many
	Load              word
}

// onCallHealth answers what on call costs each team.
func onCallHealth(ctx context.Context, s *sheet) (*answer, error) {
	switch {
	case !s.delivers("oncall_shift") || s.kpi(pagesKPI) == nil:
		return &answer{Unasked: "shifts and pages are not collected: add a source of type pagerduty to srekpi.yml"}, nil
	case !s.reaches("oncall_shift"):
		return &answer{Quiet: "not known: no source of shifts reaches into this " + s.period.Kind + "."}, nil
	}
	since := s.end().AddDate(0, -3, 0)
	loads, err := s.rotaLoads(ctx, s.period.StartsAt, since)
	if err != nil {
		return nil, err
	}
	view := onCallView{Period: s.period.Kind}
	standing, few, heavy, rotas, ended := 0, 0, 0, 0, 0
	for _, r := range loads {
		switch {
		case r.Name == "":
			continue
		case r.Turns == 0:
			standing++
			continue
		}
		rotas++
		row := rotaRow{Name: r.name(), Tiers: r.tiers(), People: tallyOf("oncall/people", int(r.People)), Size: rotaSize(int(r.People)), Turn: turnOf(r),
			Shifts: tallyOf("oncall/shifts", int(r.Ended)), Load: loadOf(r)}
		ended += int(r.Ended)
		if r.Ended > 0 {
			row.PerShift = averageOf("oncall/pershift", r.Paged/float64(r.Ended))
			row.Pages, row.Off, row.Night = tallyOf("oncall/pages", int(r.Held)), tallyOf("oncall/off", int(r.HeldOff)), tallyOf("oncall/night", int(r.HeldNight))
			if r.Ended > 1 && r.Worst > heavyNights {
				row.Worst = tallyOf("oncall/worst", int(r.Worst))
			}
		}
		if row.Size.Tone == "worse" {
			few++
		}
		if row.Load.Text == "heavy" {
			heavy++
		}
		view.Rotas = append(view.Rotas, row)
	}
	if rotas == 0 {
		return &answer{Quiet: "no rota handed over in the 3 months up to the end of this " + s.period.Kind + "."}, nil
	}
	if n := rotas - rotasShown; n > 0 {
		view.Rotas, view.Others = view.Rotas[:rotasShown], tell("The first in the alphabet; %s more.", tallyOf("oncall/more", n))
	}
	if standing > 0 {
		view.Note = tell("%s of escalation policies %s the same people always: no shift, so no load is told.", capped(many("oncall/standing", standing, "level", "levels")),
			map[bool]string{true: "calls", false: "call"}[standing == 1])
	}
	if from := s.startOf("oncall_shift"); from.After(since) {
		view.Note = follow(view.Note, tell("Shifts are collected since %s only, so a rota may have more people than are counted here.", dated(s.clock.day(from))))
	}
	return &answer{Told: s.onCallLead(rotas, few, heavy, ended), View: view}, nil
}

func (s *sheet) onCallLead(rotas, few, heavy, ended int) prose {
	all := many("oncall/rotas", rotas, "rota", "rotas")
	var lead prose
	switch {
	case ended == 0:
		lead = tell("No shift that began in this %s is over yet", s.period.Kind)
	case heavy == 0:
		lead = tell("%s had a heavy %s%s", map[bool]string{true: "The only rota has not", false: "None of the rotas"}[rotas == 1], s.period.Kind, s.soFar())
	case heavy == rotas && rotas > 1:
		lead = tell("All of %s had a heavy %s%s", all, s.period.Kind, s.soFar())
	default:
		lead = capped(tell("%s of %s had a heavy %s%s", inWords("oncall/heavy", heavy), all, s.period.Kind, s.soFar()))
	}
	if few == 0 {
		return append(lead, say("; each has people enough."))
	}
	of := prose(nil)
	if ended == 0 {
		of = tell(" of %s", all)
	}
	return append(lead, tell("; %s%s %s too few people.", inWords("oncall/few", few), of, hasHave(few))...)
}

// A rota is held against 4 to 6 people: with fewer each is on call too often to
// recover, with many more too seldom to stay in practice.
const (
	rotaLeast, rotaMost = 4, 8
)

func rotaSize(people int) word {
	switch {
	case people < rotaLeast:
		return word{Text: "too few", Shape: "diamond", Tone: "worse"}
	case people > rotaMost:
		return word{Text: "many: each is seldom on call", Shape: "open-diamond", Tone: "changed"}
	}
	return word{Text: "enough", Shape: "ring", Tone: "usual"}
}

// turnOf says what a small rota means for each of its people.
func turnOf(r rotaLoad) string {
	weekly := r.Shifts > 0 && r.Ended > 0 && r.Over/float64(r.Ended) > 5*24 && r.Over/float64(r.Ended) < 9*24
	switch {
	case r.People == 1:
		return "always the same person"
	case r.People == 2 && weekly:
		return "each is on call every second week"
	case r.People == 2:
		return "each is on call half of the time"
	case r.People == 3 && weekly:
		return "each is on call every third week"
	case r.People == 3:
		return "each is on call a third of the time"
	}
	return ""
}

// The bounds of a load. The first is Google's (SRE book, being on-call: at most
// two incidents per 12-hour shift), the second this report's own.
const (
	heavyPer12h    = 2.0
	heavyNights    = 2.0 // a week on call
	quietIncidents = 1.0 // a week on call
)

// loadOf judges the shifts that the row counts, and no other hours.
func loadOf(r rotaLoad) word {
	if r.Ended == 0 || r.Over == 0 {
		return word{Text: "no shift over yet", Shape: "dash", Tone: "few"}
	}
	perHour := r.Paged / r.Over
	nights := float64(r.HeldNight) / max(r.Over/168, 1) // of less than a week nothing is scaled up
	switch {
	case perHour*12 > heavyPer12h || nights > heavyNights:
		return word{Text: "heavy", Shape: "diamond", Tone: "worse"}
	case r.HeldNight == 0 && perHour*168 <= quietIncidents:
		return word{Text: "quiet", Shape: "ring", Tone: "better"}
	}
	return word{Text: "bearable", Shape: "ring", Tone: "usual"}
}

func averageOf(what string, x float64) tally {
	return tally{Text: metrics.Number(x), What: what, Raw: fmt.Sprintf("%.4f", x)}
}
