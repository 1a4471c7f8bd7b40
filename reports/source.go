package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// source is what one source delivered, and how far it reaches.
type source struct {
	Name        string     `ch:"source"`
	Type        string     `ch:"type"`
	Entity      string     `ch:"entity"`
	From        *time.Time `ch:"collected_from"`
	To          *time.Time `ch:"collected_to"`
	Records     uint64     `ch:"records"`
	Staged      uint64     `ch:"staged"`
	Filtered    uint64     `ch:"filtered"`
	Quarantined uint64     `ch:"quarantined"`
	Unmapped    uint64     `ch:"unmapped"`
}

// readSources reads them and settles how far the data reach: to the as-of, or
// to the end of the slowest source.
func (s *sheet) readSources(ctx context.Context) error {
	err := s.conn.Select(ctx, &s.sources, `
		SELECT toString(source) AS source, toString(type) AS type, toString(entity) AS entity,
		       toNullable(collected_from) AS collected_from, toNullable(collected_to) AS collected_to,
		       toUInt64(records) AS records, toUInt64(staged) AS staged, toUInt64(filtered) AS filtered,
		       toUInt64(quarantined) AS quarantined, toUInt64(unmapped) AS unmapped
		FROM sources ORDER BY source, entity`)
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	s.dataAsOf = s.asOf
	for _, one := range s.sources {
		if one.To != nil && one.To.Before(s.dataAsOf) {
			s.dataAsOf = *one.To
		}
	}
	return nil
}

// delivers says whether any source carries a kind of record.
func (s *sheet) delivers(entity string) bool {
	for _, one := range s.sources {
		if one.carries(entity) && one.Staged > 0 {
			return true
		}
	}
	return false
}

// reaches says whether the period lies, in part at least, in the collected range
// of an entity. Outside it nothing is known, which is not nothing happened.
func (s *sheet) reaches(entity string) bool {
	for _, one := range s.sources {
		if one.carries(entity) && one.From != nil && one.To != nil &&
			one.From.Before(s.period.EndsAt) && one.To.After(s.period.StartsAt) {
			return true
		}
	}
	return false
}

// carries says whether records of an entity can come from the source: an API has
// several kinds.
func (one source) carries(entity string) bool {
	return slices.ContainsFunc(strings.Split(one.Entity, ", "), func(e string) bool { return strings.HasPrefix(e, entity) })
}

func (one source) rows() tally {
	t := tallyOf("source/"+one.Name+"/records", int(one.Records))
	t.Text += " " + noun(one.Entity, one.Records)
	return t
}

// noun is a source's entity in the number that fits.
func noun(entity string, n uint64) string {
	if entity = clean(entity); entity == "" || strings.Contains(entity, ", ") {
		entity = "record"
	}
	if n == 1 || strings.HasSuffix(entity, "s") {
		return entity
	}
	return entity + "s"
}

// missing lists what the sources should have delivered for this period and did not.
func (s *sheet) missing() []prose {
	var out []prose
	add := func(format string, args ...any) { out = append(out, tell(format, args...)) }
	end, until := s.end(), "the end of this "+s.period.Kind
	if s.running() {
		until = "this page was made"
	}
	for _, one := range s.sources {
		name := plainly(clip(one.Name, 60))
		at := func(what string) string { return "source/" + one.Name + "/" + what }
		switch {
		case one.Records == 0:
			add("%s delivered no record.", name)
		case one.To == nil || one.From == nil:
			add("%s does not say which span it covers, so an empty week cannot be told from a missing one.", name)
		case !one.To.After(s.period.StartsAt):
			add("%s ends on %s, before this %s.", name, dated(s.clock.at(*one.To)), s.period.Kind)
		case one.To.Before(end) && (!s.running() || end.Sub(*one.To) > day):
			add("%s ends on %s, %s before %s.", name, dated(s.clock.at(*one.To)), lastingOf(at("short"), end.Sub(*one.To)), until)
		case one.From.After(s.period.StartsAt):
			add("%s begins on %s, inside or after this %s.", name, dated(s.clock.at(*one.From)), s.period.Kind)
		}
		if one.Quarantined > 0 {
			add("%s: %s could not be read and %s not counted (data health).", name,
				many(at("quarantined"), int(one.Quarantined), noun(one.Entity, 1), noun(one.Entity, 2)), isAre(int(one.Quarantined)))
		}
		if one.Unmapped > 0 {
			add("%s: %s that the mapping does not know; srekpi check prints the lines to add.", name,
				many(at("unmapped"), int(one.Unmapped), "value", "values"))
		}
	}
	if len(s.sources) > 0 && !s.delivers("change") {
		add("Changes: no source delivers them.")
	}
	if len(s.sources) > 0 && !s.delivers("incident") {
		add("Incidents: no source delivers them.")
	}
	return out
}
