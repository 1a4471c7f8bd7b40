package reports

import (
	"strings"
	"time"
)

// card is one incident by the five W's and how. An empty answer names the field
// that would give it. A major incident is told in full.
type card struct {
	ID       string `view:"key"`
	Key      place
	Severity uint8 `view:"structure"`
	Major    bool
	Title    string `view:"quote"`
	Tags     []prose
	Lasted   tally
	Open     bool
	Since    string `view:"date"` // resolved after the end of the page
	Answers  []reply
	Story    *story // of a major incident

	took time.Duration
}

// reply is one question of a card, with what is said and what is left blank.
type reply struct {
	Ask    string
	Said   prose
	Blanks []blank
}

// worse orders cards: major first, then by severity with unknown last, then the
// longest first.
func worse(a, b card) bool {
	if a.Major != b.Major {
		return a.Major
	}
	rank := func(s uint8) uint8 {
		if s == 0 {
			return 255
		}
		return s
	}
	if a.Severity != b.Severity {
		return rank(a.Severity) < rank(b.Severity)
	}
	return a.took > b.took
}

func (s *sheet) cardOf(i incident) card {
	c := card{ID: anchor("i", i.ID), Key: place{Text: i.name(), URL: link(i.URL)}, Severity: i.Severity, Major: i.Major == 1, Title: clip(i.Title, 240),
		Open: i.Resolved == nil, Lasted: lastingOf("incident/lasted", i.lasted(s.end())), took: i.lasted(s.end())}
	if c.Title == "" {
		c.Title = "no title"
	}
	if i.ResolvedSince != nil {
		c.Since = s.dayAndYear(*i.ResolvedSince)
	}
	return c
}

// shortCard holds what a week of them can show of each.
func (s *sheet) shortCard(i incident) card {
	c := s.cardOf(i)
	if i.Reopened > 0 {
		c.Tags = append(c.Tags, tell("reopened %s", many("incident/reopened", int(i.Reopened), "time", "times")))
	}
	if i.CustomerImpact != nil && *i.CustomerImpact == 1 {
		c.Tags = append(c.Tags, tell("customers affected"))
	}
	if by := clip(i.DetectedBy, 40); by != "" {
		c.Tags = append(c.Tags, tell("noticed by %s", plainly(by)))
	}
	when := s.dayAndYear(i.Created)
	if i.Resolved != nil {
		when += " – " + s.until(i.Created, *i.Resolved)
	}
	why := clip(i.Cause, 160)
	if by := clip(i.CausedByChange, 60); by != "" {
		why = joined(why, "change "+by)
	}
	c.Answers = []reply{{Ask: "When", Said: prose{dated(when)}}, s.where(i), s.who(i, nil), s.told(i, "Why", why, "cause", "cause"), s.how(i)}
	return c
}

// fullCard tells a major incident with its times, and what came before and after.
func (s *sheet) fullCard(i incident, t *story) card {
	c := s.cardOf(i)
	c.Story = t
	why := s.told(i, "Why", clip(i.Cause, 160), "cause", "cause")
	if by := clip(i.CausedByChange, 60); by != "" {
		named := plainly(by)
		if at, known := t.causes[i.CausedByChange]; known && at.URL != "" {
			named = to(at)
		}
		if len(why.Said) > 0 {
			why.Said = append(why.Said, say("; "))
		}
		why.Said = append(why.Said, tell("caused by change %s", named)...)
		why.Blanks = nil
	}
	c.Answers = []reply{s.what(i), s.when(i), s.where(i), s.who(i, t.handed), why, s.how(i)}
	return c
}

// told is an answer in the ticket's own words, or its blank.
func (s *sheet) told(i incident, ask, text, field, plain string) reply {
	if text == "" {
		return reply{Ask: ask, Blanks: []blank{s.blankOf(i, field, plain)}}
	}
	return reply{Ask: ask, Said: prose{plainly(text)}}
}

func (s *sheet) where(i incident) reply {
	return s.told(i, "Where", clip(strings.Join(i.Services, ", "), 160), "services", "service")
}

// who is the team on it, and from whom to whom it went.
func (s *sheet) who(i incident, handed []prose) reply {
	r := s.told(i, "Who", clip(strings.Join(i.Teams, ", "), 160), "teams", "team")
	for _, one := range handed {
		if len(r.Said) > 0 {
			r.Said = append(r.Said, say("; "))
		}
		r.Said = append(r.Said, one...)
	}
	return r
}

func (s *sheet) how(i incident) reply {
	r := s.told(i, "How", clip(i.mended(), 200), "attributes.resolution_notes", "resolution notes")
	if i.Resolved == nil && len(r.Said) == 0 {
		r = reply{Ask: "How", Said: prose{say("not mended yet")}} // no blank: there is nothing to fill in
	}
	return r
}

// what is whom it hurt, and who saw it first.
func (s *sheet) what(i incident) reply {
	r := reply{Ask: "What"}
	switch {
	case i.CustomerImpact == nil:
		r.Said = tell("not stated whether customers were affected")
		r.Blanks = append(r.Blanks, s.blankOf(i, "customer_impact", "customer impact"))
	case *i.CustomerImpact == 1:
		r.Said = tell("customers affected")
	default:
		r.Said = tell("no customer affected")
	}
	if by := clip(i.DetectedBy, 40); by != "" {
		r.Said = append(r.Said, tell("; noticed by %s", plainly(by))...)
	} else {
		r.Blanks = append(r.Blanks, s.blankOf(i, "detected_by", "noticed by"))
	}
	return r
}

// when runs through the times of an incident. Each length is that of its KPI:
// acknowledged and resolved from the start of the record, mitigated from the
// start of the impact where that is stated.
func (s *sheet) when(i incident) reply {
	r := reply{Ask: "When"}
	add := func(format string, args ...any) {
		if len(r.Said) > 0 {
			r.Said = append(r.Said, say("; "))
		}
		r.Said = append(r.Said, tell(format, args...)...)
	}
	hurts := i.Created
	if i.Impact != nil {
		hurts = *i.Impact
		add("impact from %s", dated(s.dayAndYear(hurts)))
		add("raised %s", dated(s.until(hurts, i.Created)))
	} else {
		add("raised %s", dated(s.dayAndYear(i.Created)))
		r.Blanks = append(r.Blanks, s.blankOf(i, "impact_started_at", "impact start"))
	}
	switch {
	case i.Acknowledged != nil && !i.Acknowledged.Before(i.Created):
		add("acknowledged after %s", lastingOf("card/acknowledged", i.Acknowledged.Sub(i.Created)))
	case i.Acknowledged != nil:
		add("acknowledged before it was raised")
	case i.TellsThat == 1 && i.Resolved == nil:
		add("not acknowledged yet")
	case i.TellsThat == 1:
		add("never acknowledged")
	default:
		add("acknowledgement not told")
	}
	switch {
	case i.Mitigated != nil && !i.Mitigated.Before(hurts):
		add("mitigated after %s", lastingOf("card/mitigated", i.Mitigated.Sub(hurts)))
	case i.Mitigated != nil:
		add("mitigated before it began: one of the two times is wrong")
		r.Blanks = append(r.Blanks, s.blankOf(i, "mitigated_at", "impact end"))
	case i.Resolved == nil:
		add("not mitigated yet")
	default:
		r.Blanks = append(r.Blanks, s.blankOf(i, "mitigated_at", "impact end"))
	}
	if i.Resolved != nil {
		add("resolved after %s, %s", lastingOf("incident/lasted", i.lasted(s.end())), dated(s.until(i.Created, *i.Resolved)))
	} else if i.ResolvedSince != nil {
		add("open at the end")
	} else {
		add("still open")
	}
	if i.Reopened > 0 {
		add("reopened %s", many("incident/reopened", int(i.Reopened), "time", "times"))
	}
	return r
}

// until leaves out the day where an incident ended on the day on which it began.
func (s *sheet) until(from, to time.Time) string {
	if from.In(s.clock.zone).Format(time.DateOnly) == to.In(s.clock.zone).Format(time.DateOnly) {
		return to.In(s.clock.zone).Format("15:04")
	}
	return s.dayAndYear(to)
}
