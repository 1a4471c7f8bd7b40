package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// old is the age from which an open incident needs an answer.
const old = 28 * 24 * time.Hour

// shortTitle is how much of a title a question names.
const shortTitle = 44

// findMajors: each major incident of the period.
func (s *sheet) findMajors(ctx context.Context) ([]finding, error) {
	rows, err := s.beganHere(ctx)
	if err != nil {
		return nil, err
	}
	// Of equal ones the longest first: five sentences are all that a page opens with.
	rows = slices.DeleteFunc(slices.Clone(rows), func(i incident) bool { return i.Major != 1 })
	slices.SortStableFunc(rows, func(a, b incident) int { return cmp.Compare(b.lasted(s.end()), a.lasted(s.end())) })
	causes, err := s.causesOf(ctx, rows[:min(len(rows), storiesTold)])
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, i := range rows {
		at := to(s.place(ctx, i))
		f := finding{Kind: "major", Rank: 100, Pieces: []piece{say("Major incident "), at, say(" "), quote(clip(i.Title, 90))}, About: tell("%s %s", at, quote(clip(i.Title, shortTitle)))}
		if where := clip(strings.Join(i.Services, ", "), 60); where != "" {
			f.Pieces = append(f.Pieces, say(" in "), naming(where))
		}
		switch took := lasting(i.lasted(s.end())); {
		case i.ResolvedSince != nil:
			f.Rank = 110
			f.Pieces = append(f.Pieces, tell(" was open at the end, after %s (resolved since, %s).", took, dated(s.dayAndYear(*i.ResolvedSince)))...)
		case i.Resolved == nil:
			f.Rank = 110
			f.Pieces = append(f.Pieces, say(" is still open after "), took, say("."))
		default:
			f.Pieces = append(f.Pieces, say(" took "), took, say("."))
		}
		cause, known := causes[i.ID]
		switch {
		case known && cause.URL != "":
			f.Pieces = append(f.Pieces, say(" Change "), to(cause), say(" caused it."))
		case known:
			f.Pieces = append(f.Pieces, say(" Change "), naming(cause.Text), say(" caused it."))
		}
		var blanks []string
		if i.Cause == "" && !known && i.CausedByChange == "" {
			blanks = append(blanks, "the cause")
		}
		if i.FixOwner == "" {
			blanks = append(blanks, "who fixes it")
		}
		if len(blanks) > 0 {
			f.Pieces = append(f.Pieces, say(" Not recorded: "+listed(blanks)+"."))
			f.Ask = "Who owns the lasting fix?"
		}
		out = append(out, f)
	}
	return out, nil
}

// findRepeats: what broke for the third time or more, and what became of the fix.
func (s *sheet) findRepeats(ctx context.Context) ([]finding, error) {
	if s.kpi(repeatKPI) == nil {
		return nil, nil
	}
	all, err := s.repeatGroups(ctx)
	if err != nil {
		return nil, err
	}
	known, err := s.tellsPromises(ctx)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, g := range all.Groups {
		n := g.Times
		if n < 3 {
			continue
		}
		one := g.newest()
		f := finding{Kind: "repeat", Rank: 70 + min(n, 15), Ask: "When is the lasting fix due?"}
		same := tell("The same %s", inCommon[g.Rung])
		f.About = tell("%s", quote(clip(one.Title, shortTitle)))
		if service := clip(g.where(), 40); service != "" {
			f.About = tell("%s %s", naming(service), f.About)
			same = tell("%s: the same %s", naming(service), inCommon[g.Rung])
		}
		f.Pieces = append(f.Pieces, tell("%s %s in 90 days, %s h open in all; the latest is %s %s.",
			same, timesOf("repeat/times", n), hoursOf("repeat/hours", g.Hours), called(s.place(ctx, one)), quote(clip(one.Title, 80)))...)
		since := prose(nil)
		if later := g.promisedSince(); later != nil {
			since = tell(" %s.", capped(later))
		}
		switch fix := g.fix(); {
		case fix != nil && fix.doneBy(one.Created):
			f.Pieces = append(f.Pieces, tell(" The fix %s was %s, and did not hold.%s", called(fix.place()), s.promiseOf(fix), since)...)
			f.Ask = "Which fix will hold?"
			f.Rank += 3
		case fix != nil && fix.doneBy(s.end()):
			f.Pieces = append(f.Pieces, tell(" The fix %s was %s, after that.%s", called(fix.place()), s.promiseOf(fix), since)...)
			f.Ask = "How will we see that the fix holds?"
			f.Rank -= 10
		case fix != nil:
			f.Pieces = append(f.Pieces, tell(" The fix %s is %s", called(fix.place()), s.promiseOf(fix))...)
			if g.WhileOpen > 0 {
				under := "a fix"
				if g.underAlone(fix) {
					under = "it"
				}
				f.Pieces = append(f.Pieces, tell("; the problem came back %s while %s was open", timesOf("repeat/came", g.WhileOpen), under)...)
				f.Rank += 2
			}
			f.Pieces = append(f.Pieces, tell(".%s", since)...)
			f.Ask = "Chase the fix, or drop it?"
			if clean(fix.Owner) == "" {
				f.Ask = "Who owns the lasting fix, and when is it due?"
			}
		case known:
			f.Pieces = append(f.Pieces, say(" No fix is promised."))
			f.Ask = "Who promises the lasting fix, and until when?"
			f.Rank += 3
		case one.FixOwner == "":
			f.Pieces = append(f.Pieces, say(" Nobody owns the fix."))
			f.Ask = "Who owns the lasting fix, and when is it due?"
			f.Rank += 3
		default:
			f.Pieces = append(f.Pieces, say(" The fix is with "), naming(clip(one.FixOwner, 40)), say("."))
		}
		out = append(out, f)
	}
	return out, nil
}

// inCommon is what the incidents of a group have in common, by rung.
var inCommon = map[uint8]string{1: "problem", 2: "alert", 3: "cause", 4: "symptom"}

// findFailures: changes that failed, first those that took production with them.
func (s *sheet) findFailures(ctx context.Context) ([]finding, error) {
	if !s.delivers("change") {
		return nil, nil
	}
	h, err := s.harms(ctx)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, c := range gravestFirst(h.confirmed) {
		word, failed := c.of.hurt()
		at := to(h.at(ctx, s, c))
		at.Name = at.URL == ""
		f := finding{Kind: "change", Rank: 60, Pieces: []piece{say("Change "), at, say(" "), quote(clip(c.of.Title, 80))}}
		switch n := c.causes; {
		case failed && n > 0:
			f.Rank = 82
			f.Pieces = append(f.Pieces, tell(" %s and caused %s.", past(word), many("change/caused", n, "incident", "incidents"))...)
		case n > 0:
			f.Rank = 78
			f.Pieces = append(f.Pieces, tell(" caused %s.", many("change/caused", n, "incident", "incidents"))...)
		default:
			f.Pieces = append(f.Pieces, say(" "+past(word)+"."))
		}
		out = append(out, f)
	}
	return out, nil
}

func past(outcome string) string {
	if outcome == "rolled back" {
		return "was rolled back"
	}
	return outcome
}

// findOld: what has been open for four weeks and more, in one sentence.
func (s *sheet) findOld(ctx context.Context) ([]finding, error) {
	end := s.end()
	var all, since uint64
	var first string
	err := s.conn.QueryRow(ctx, `
		SELECT count() AS of_all, countIf(isNotNull(i.resolved_at)) AS since, argMin(i.id, (ifNull(i.started_at, assumeNotNull(i.created_at)), assumeNotNull(i.created_at), i.id)) AS oldest
		FROM incidents AS i WHERE i.created_at IS NOT NULL AND `+countedIncident+openThere+` AND ifNull(i.started_at, i.created_at) <= toDateTime64(@since, 3, 'UTC')`,
		moment("at", end), moment("since", end.Add(-old))).Scan(&all, &since, &first)
	if err != nil {
		return nil, fmt.Errorf("count what has been open for long: %w", err)
	}
	if all == 0 {
		return nil, nil
	}
	rows, err := s.incidents(ctx, "i.id = @id", clickhouse.Named("id", first))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	oldest := rows[0]
	at := place{Text: oldest.name(), URL: s.row(ctx, "time_to_resolve", oldest.ID)}
	f := finding{Kind: "old", Rank: 65, Ask: "Close it, hand it over, or give it a date?", Pieces: []piece{to(at), say(" "), quote(clip(oldest.Title, 80)), say(" has been open for "), lasting(end.Sub(oldest.Started))}}
	if oldest.ResolvedSince != nil {
		f.Pieces = append(f.Pieces, tell(" (resolved since, %s)", dated(s.dayAndYear(*oldest.ResolvedSince)))...)
	}
	if more := int(all) - 1; more > 0 {
		f.Pieces = append(f.Pieces, say("; "), counting(tallyOf("finding/old", more)), say(" more "+hasHave(more)+" been open for over 4 weeks"))
	}
	f.Pieces = append(f.Pieces, say("."))
	if since == all {
		f.Ask = "What kept it open so long?"
	}
	return []finding{f}, nil
}

// findSlowest: the longest of those that ended in the period.
func (s *sheet) findSlowest(ctx context.Context) ([]finding, error) {
	k := s.kpi("time_to_resolve")
	if k == nil {
		return nil, nil
	}
	all, err := s.evidenceOf(ctx, k.Name)
	if err != nil {
		return nil, err
	}
	n := all.count[metrics.Counted]
	if n < 3 {
		return nil, nil
	}
	slowest := all.rows[0] // in the order of the evidence
	name := clip(slowest.Key, 40)
	if name == "" {
		name = clip(slowest.ID, 40)
	}
	return []finding{{Kind: "slowest", Rank: 50, Pieces: []piece{to(place{Text: name, URL: s.row(ctx, k.Name, slowest.ID)}), say(" "), quote(clip(slowest.Title, 80)),
		say(" took "), lasting(time.Duration(*slowest.Value * float64(time.Second))), say(", the slowest of "), counting(tallyOf("finding/ended", n)), say(" resolved.")}}}, nil
}
