package reports

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// failuresView lists the changes that went wrong, and beside them those that are
// only suspected.
type failuresView struct {
	Confirmed []failure
	Suspected []failure
	Note      prose
	More      prose // those that went wrong and are not named
	MoreOnes  prose // suspected ones
	Chance    []chanceRow
	Recovery  prose
}

type failure struct {
	ID            string `view:"key"`
	Key           place
	Title         string `view:"quote"`
	Where         string `view:"name"`
	Kind, Risk    string `view:"quote"`
	When          string `view:"date"`
	Outcome       string `view:"quote"`
	Shape         string
	Incidents     []caused
	MoreIncidents tally // not named

	of     change
	causes int // incidents of which it is stated as the cause
	tied   int // incidents that are tied to it, by whatever grade
	grave  int // the higher, the worse
}

// harm is what the changes of the page's period did: all that went wrong, and
// what the block shows of it. The sentences that open the page rank the same.
type harm struct {
	completed, unrecorded int
	confirmed             []failure // all, oldest first
	view                  failuresView
	shown                 map[string]bool // of those confirmed, which have a row in the block
}

// How many changes of each sort a page names, the worst first, and how many
// incidents of each.
const (
	failuresShown = 40
	suspectsShown = 20
	causedShown   = 4
)

type caused struct {
	Key   place
	Title string `view:"quote"`
	After tally
	Grade string
}

const changesUnasked = "changes are not collected: add a source with entity: change to srekpi.yml (srekpi init file servicenow writes one)"

// changesThatHurt shows a failure as soon as it is known, even while the rate
// still waits for the end of its observation.
func changesThatHurt(ctx context.Context, s *sheet) (*answer, error) {
	if !s.delivers("change") {
		return &answer{Unasked: changesUnasked}, nil
	}
	h, err := s.harms(ctx)
	if err != nil {
		return nil, err
	}
	if h.completed == 0 {
		return &answer{Quiet: "no change was completed in this " + s.period.Kind + "."}, nil
	}
	view, unrecorded := h.view, h.unrecorded
	if view.Chance, err = s.chances(ctx); err != nil {
		return nil, err
	}
	if view.Recovery, err = s.recovery(ctx); err != nil {
		return nil, err
	}
	if len(view.Confirmed) == 0 && len(view.Suspected) == 0 {
		text := tell("none of %s is known to have hurt.", many("changes/completed", h.completed, "completed change", "completed changes"))
		if unrecorded > 0 {
			text = append(text, tell(" Of %s nobody recorded how %s ended; silence is not success.", tallyOf("changes/unrecorded", unrecorded), map[bool]string{true: "it", false: "they"}[unrecorded == 1])...)
		}
		if len(view.Chance) > 0 {
			return &answer{Told: capped(text), View: view}, nil
		}
		return &answer{Calm: text}, nil
	}
	lead := capped(tell("%s of %s failed or caused an incident.", inWords("changes/confirmed", len(h.confirmed)), many("changes/completed", h.completed, "completed change", "completed changes")))
	if len(h.confirmed) == 0 {
		lead = tell("None of %s is known to have failed or caused an incident.", many("changes/completed", h.completed, "completed change", "completed changes"))
	}
	if unrecorded > 0 {
		they := [2]string{"they", "They stay"}
		if unrecorded == 1 {
			they = [2]string{"it", "It stays"}
		}
		view.Note = tell("Of %s nobody recorded how %s ended. %s outside the failure rate: silence is not success.", many("changes/unrecorded", unrecorded, "change", "changes"), they[0], they[1])
	}
	return &answer{Told: lead, View: view}, nil
}

// harms reads what the changes of the page's period did, once.
func (s *sheet) harms(ctx context.Context) (*harm, error) {
	if s.harm != nil {
		return s.harm, nil
	}
	h := &harm{shown: map[string]bool{}}
	var err error
	if h.completed, h.unrecorded, err = s.completed(ctx); err != nil {
		return nil, err
	}
	rows, err := s.harmful(ctx)
	if err != nil {
		return nil, err
	}
	suspects := 0
	for _, c := range rows {
		if f := s.failureOf(c); c.Confirmed == 1 {
			h.confirmed = append(h.confirmed, f)
		} else {
			h.view.Suspected, suspects = append(h.view.Suspected, f), int(c.Suspects)
		}
	}
	h.view.Confirmed = h.confirmed
	s.cutFailures(&h.view, suspects)
	if err := s.nameCaused(ctx, h.view.Confirmed, h.view.Suspected); err != nil {
		return nil, err
	}
	for _, f := range h.view.Confirmed {
		h.shown[f.of.ID] = true
	}
	s.harm = h
	return h, nil
}

// at is where the page shows a change that went wrong: in the block, else in the
// evidence, else it is the change itself.
func (h *harm) at(ctx context.Context, s *sheet, f failure) place {
	at := f.Key
	switch {
	case s.document == metrics.Weekly && h.shown[f.of.ID]: // the page with the block
		at.URL = "#" + f.ID
	case s.kpi(failureRate) != nil:
		at.URL = s.row(ctx, failureRate, f.of.ID)
	}
	return at
}

// cutFailures keeps the worst where there are more than a page can name; of the
// suspects no more were read.
func (s *sheet) cutFailures(view *failuresView, suspects int) {
	stand := func(kpi string) any {
		if s.kpi(kpi) == nil {
			return "in the warehouse"
		}
		return place{Text: "in the evidence", URL: "#evidence-" + kpi}
	}
	if more := len(view.Confirmed) - failuresShown; more > 0 {
		view.Confirmed = slices.Clone(gravestFirst(view.Confirmed)[:failuresShown])
		view.More = tell("The %s worst; %s more are %s.", tallyOf("changes/shown", failuresShown), tallyOf("changes/more", more), stand(failureRate))
	}
	if more := suspects - len(view.Suspected); more > 0 {
		view.Suspected = gravestFirst(view.Suspected)
		view.MoreOnes = tell("The %s with the most incidents; %s more are %s.", tallyOf("changes/suspects-shown", suspectsShown), tallyOf("changes/suspects-more", more), stand(suspicions[len(suspicions)-1].suspected))
	}
}

func gravestFirst(list []failure) []failure {
	return slices.SortedStableFunc(slices.Values(list), func(a, b failure) int { return cmp.Compare(b.grave, a.grave) })
}

// failureOf tells of a change, but not yet which incidents are tied to it.
func (s *sheet) failureOf(c harmful) failure {
	word, failed := c.hurt()
	f := failure{ID: anchor("c", c.ID), Key: place{Text: c.name(), URL: link(c.URL)}, Title: clip(c.Title, 160), Where: clip(strings.Join(c.Services, ", "), 120),
		Kind: clip(strings.ReplaceAll(c.Kind, "_", " "), 40), Risk: clip(c.Risk, 40), When: s.dayAndYear(c.when()), Outcome: word, Shape: "ring",
		of: c.change, causes: int(c.Causes), tied: int(c.Tied), grave: int(c.Tied)}
	if failed {
		f.Shape, f.grave = "diamond", f.grave|failedIt
	}
	if c.Causes > 0 {
		f.grave |= causedIt
	}
	return f
}

// nameCaused fills in the first incidents that are tied to each change, the surest first.
func (s *sheet) nameCaused(ctx context.Context, lists ...[]failure) error {
	var changes, ids []string
	for _, f := range slices.Concat(lists...) {
		changes = append(changes, f.of.ID)
	}
	blames, err := s.blamesOf(ctx, changes)
	if err != nil {
		return err
	}
	ties := map[string][]blame{}
	for _, b := range blames {
		ties[b.Change] = append(ties[b.Change], b)
		ids = append(ids, b.Incident)
	}
	rows, err := s.incidentsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, list := range lists {
		for n := range list {
			f := &list[n]
			for _, b := range ties[f.of.ID] {
				i, known := rows[b.Incident]
				at := place{Text: clip(b.Incident, 40)} // whatever is known of the incident, the rate counts what a record states
				if known {
					at = s.place(ctx, i)
				}
				f.Incidents = append(f.Incidents, caused{Key: at, Title: clip(i.Title, 100), Grade: grades[b.Grade], After: lastingOf("link/lag", time.Duration(b.Lag*float64(time.Second)))})
			}
			if f.tied > causedShown {
				f.MoreIncidents = tallyOf("changes/incidents-more", f.tied-causedShown)
			}
		}
	}
	return nil
}

// What makes a change worse than another, as the sentences on top of the page
// rank it: to have caused an incident, then to have failed; the number of its
// incidents only comes after these.
const (
	failedIt = 1 << 29
	causedIt = 1 << 30
)

// grades says in words how sure a tie is.
var grades = map[string]string{"explicit": "stated as its cause", "mentioned": "mentioned there", "suspected": "same service, near in time"}
