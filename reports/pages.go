package reports

import (
	"context"
	"fmt"
	"time"
)

// pagesKPI is the evidence that says which pages count, and at which hour of the
// responder's day they came. One rule, that of the KPI.
const pagesKPI = "off_hours_pages"

// pagesDays is how far back a pattern of pages is looked for, noisyPages from how
// many of them an alert is asked about: nearly every other week.
const (
	pagesDays  = 91
	noisyPages = 6
)

// pagesView says how heavy the week was for those on call, when the pages come,
// and which alerts send most of them. It names nobody.
type pagesView struct {
	Period string
	Chart  *drawing
	Figure prose
	Hours  []hoursRow
	Rotas  []pagedRota
	Others prose // the rotas that are not shown
	Alerts []noisyAlert
	Note   prose // what the alerts leave out
	Source prose
}

// hoursRow is a weekday, with the pages of 13 weeks by the responder's hours.
type hoursRow struct {
	Day                       string `view:"name"`
	Business, Off, Night, All pagedCell
}

type pagedCell struct{ All, Now tally }

type pagedRota struct {
	Name                      string `view:"name"`
	Tiers                     string `view:"name"`
	Shifts, Pages, Off, Night tally
}

type noisyAlert struct {
	Key               string `view:"key"`
	Service           string `view:"name"`
	Pages, Now, Night tally
	Idle, Of          tally // incidents with nothing done, of all of them
	Advice            word
	Newest            place
}

// pages answers who was woken, when, and by which alerts.
func pages(ctx context.Context, s *sheet) (*answer, error) {
	switch {
	case !s.delivers("page") || s.kpi(pagesKPI) == nil:
		return &answer{Unasked: "pages and shifts are not collected: add a source of type pagerduty to srekpi.yml"}, nil
	case !s.reaches("page"):
		return &answer{Quiet: "not known: no source of pages reaches into this " + s.period.Kind + "."}, nil
	}
	span := s.trailing(pagesDays)
	hours, err := s.pagedHours(ctx, span.StartsAt)
	if err != nil {
		return nil, err
	}
	var all, now paged
	for _, h := range hours {
		all.add(h.Band, int(h.N))
		now.add(h.Band, int(h.Now))
	}
	if now.total() == 0 {
		calm := tell("nobody was paged in this %s%s.", s.period.Kind, s.soFar())
		if n := all.total(); n > 0 {
			calm = tell("nobody was paged in this %s%s; the last 13 weeks had %s.", s.period.Kind, s.soFar(), many("pages/all", n, "page", "pages"))
		}
		return &answer{Calm: calm}, nil
	}
	rotas, err := s.rotaLoads(ctx, s.period.StartsAt, s.period.StartsAt)
	if err != nil {
		return nil, err
	}
	view := pagesView{Period: s.period.Kind, Hours: hoursTable(hours)}
	shifts := 0
	for _, r := range rotas {
		shifts += int(r.Begun)
		if r.Shifts == 0 && r.Pages == 0 {
			continue
		}
		view.Rotas = append(view.Rotas, pagedRota{Name: r.name(), Tiers: r.tiers(), Shifts: tallyOf("pages/rota/shifts", int(r.Begun)), Pages: tallyOf("pages/rota", int(r.Pages)),
			Off: tallyOf("pages/rota/off", int(r.Off)), Night: tallyOf("pages/rota/night", int(r.Night))})
	}
	if n := len(view.Rotas) - rotasShown; n > 0 {
		view.Rotas, view.Others = view.Rotas[:rotasShown], tell("The first in the alphabet; %s more.", tallyOf("pages/rotas/more", n))
	}
	if err := s.drawHours(&view, hours, all); err != nil {
		return nil, err
	}
	if err := s.noisiest(ctx, &view, span.StartsAt); err != nil {
		return nil, err
	}
	view.Source = tell("Each page of this %s stands in the %s.", s.period.Kind, place{Text: "evidence", URL: "#evidence-" + pagesKPI})
	return &answer{Told: s.pagesLead(now, shifts), View: view}, nil
}

// paged counts pages by the responder's hours.
type paged struct{ business, off, night, unknown int }

func (p *paged) add(band string, n int) {
	switch band {
	case "business":
		p.business += n
	case "off":
		p.off += n
	case "sleep":
		p.night += n
	default:
		p.unknown += n
	}
}

func (p paged) total() int { return p.business + p.off + p.night + p.unknown }

// pagesLead: "17 pages; 13 outside business hours, 5 of them at night. 4 shifts
// began in this week."
func (s *sheet) pagesLead(now paged, shifts int) prose {
	lead := capped(many("pages/now", now.total(), "page", "pages"))
	lead = append(lead, say(s.soFar()))
	switch outside := now.off + now.night; {
	case outside == 0 && now.business > 0 && now.unknown == 0:
		lead = append(lead, say("; all in business hours."))
	case outside == 0:
		lead = append(lead, say("; none known outside business hours."))
	case now.night == 0:
		lead = append(lead, tell("; %s outside business hours, none at night.", tallyOf("pages/outside", outside))...)
	case now.night == outside:
		lead = append(lead, tell("; %s outside business hours, all of them at night.", tallyOf("pages/outside", outside))...)
	default:
		lead = append(lead, tell("; %s outside business hours, %s of them at night.", tallyOf("pages/outside", outside), tallyOf("pages/night", now.night))...)
	}
	if now.unknown > 0 {
		lead = append(lead, tell(" Of %s the hour where the responder lives is not known.", tallyOf("pages/unknown", now.unknown))...)
	}
	if shifts > 0 {
		lead = append(lead, tell(" %s began in this %s.", many("pages/shifts", shifts, "shift", "shifts"), s.period.Kind)...)
	}
	return lead
}

func (s *sheet) soFar() string {
	if s.running() {
		return " so far"
	}
	return ""
}

// pagedRows are the pages that count since a moment. The key of their evidence
// is that of the KPI's model.
const pagedRows = `(
	SELECT p.incident_id AS incident_id, p.at AS paged_at, p.time_zone AS time_zone, p.shift_id AS shift_id, e.hit AS hit, toString(e.basis) AS band
	FROM (SELECT *, concat(incident_id, '|', person_id, '|', replaceOne(toString(at), ' ', 'T'), 'Z') AS page_id FROM pages
		WHERE at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC')) AS p
	INNER JOIN (SELECT id, hit, basis FROM kpi_evidence WHERE kpi = '` + pagesKPI + `' AND included = 1
		AND at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC')) AS e ON e.id = p.page_id)`

type pagedHour struct {
	Day  uint8  `ch:"day"` // 1 Monday to 7; 0: not known
	Hour uint8  `ch:"hour"`
	Band string `ch:"band"`
	N    uint64 `ch:"n"`
	Now  uint64 `ch:"now"`
}

// pagedHours counts the pages up to the end of the page by the hour that the
// responder's clock showed.
func (s *sheet) pagedHours(ctx context.Context, from time.Time) ([]pagedHour, error) {
	var rows []pagedHour
	err := s.conn.Select(ctx, &rows, `
		SELECT toUInt8(ifNull(toDayOfWeek(wall), 0)) AS day, toUInt8(ifNull(toHour(wall), 0)) AS hour, band, toUInt64(count()) AS n,
		       toUInt64(countIf(paged_at >= toDateTime64(@here, 3, 'UTC'))) AS now
		FROM (
			SELECT x.paged_at AS paged_at, x.band AS band, if(x.band != '' AND z.until_at > x.paged_at, x.paged_at + toIntervalSecond(z.offset_seconds), NULL) AS wall
			FROM `+pagedRows+` AS x
			ASOF LEFT JOIN zone_offsets AS z ON z.zone = x.time_zone AND z.from_at <= x.paged_at
		)
		GROUP BY day, hour, band ORDER BY day, hour, band`, moment("from", from), moment("to", s.end()), moment("here", s.period.StartsAt))
	if err != nil {
		return nil, fmt.Errorf("read the hours of pages: %w", err)
	}
	return rows, nil
}

// hoursTable is the same by weekday and the responder's hours.
func hoursTable(hours []pagedHour) []hoursRow {
	var all, now [8]paged // by weekday, and of all days
	for _, h := range hours {
		if h.Day == 0 {
			continue
		}
		for _, i := range []uint8{h.Day - 1, 7} {
			all[i].add(h.Band, int(h.N))
			now[i].add(h.Band, int(h.Now))
		}
	}
	var out []hoursRow
	for i := range all {
		cell := func(what string, a, n int) pagedCell {
			return pagedCell{tallyOf("pages/hours/"+what, a), tallyOf("pages/hours/"+what+"/now", n)}
		}
		name := "All days"
		if i < 7 {
			name = weekdays[i]
		}
		out = append(out, hoursRow{name, cell("business", all[i].business, now[i].business), cell("off", all[i].off, now[i].off),
			cell("sleep", all[i].night, now[i].night), cell("all", all[i].total(), now[i].total())})
	}
	return out
}

// drawHours makes the strip of the week by day and hour.
func (s *sheet) drawHours(view *pagesView, hours []pagedHour, all paged) error {
	strip := heat{ID: "pages", Zones: []heatZone{ // the late night is named by the early one: side by side the words collide
		{Name: "evening", From: 18, To: 22, First: 0, Last: 4},
		{Name: "night", From: 0, To: 8, First: 0, Last: 6, Fill: "heat-night"},
		{From: 22, To: 24, First: 0, Last: 6, Fill: "heat-night"},
		{Name: "business hours", From: 8, To: 18, First: 0, Last: 4, Framed: true},
	}}
	known := 0
	for _, h := range hours {
		if h.Day == 0 {
			continue
		}
		c := &strip.Cells[h.Day-1][h.Hour]
		c.N += int(h.N)
		c.Fresh = c.Fresh || h.Now > 0
		known += int(h.N)
	}
	if known == 0 {
		return nil
	}
	for d := range strip.Cells {
		for hour := range strip.Cells[d] {
			c := &strip.Cells[d][hour]
			c.Tip = fmt.Sprintf("%s %02d:00 to %02d:00\n%s in 13 weeks", weekdays[d], hour, hour+1, counted(c.N, "page", "pages"))
			if c.Fresh {
				c.Tip += ", some of them in this " + s.period.Kind
			}
		}
	}
	outside := all.off + all.night
	view.Figure = tell("%s of %s in 13 weeks came outside business hours.", tallyOf("pages/13/outside", outside), many("pages/13", known, "page", "pages"))
	if from := s.startOf("page"); from.After(s.trailing(pagesDays).StartsAt) {
		view.Figure = follow(view.Figure, tell("Collected since %s only.", dated(s.clock.day(from))))
	}
	strip.Alt = "Strip of the week by day and hour: how many pages came in each, in the local time of who was paged. " + view.Figure.String()
	d, err := strip.drawing()
	if err != nil {
		return err
	}
	view.Chart = &d
	return nil
}

// startOf is where the collected range of an entity begins.
func (s *sheet) startOf(entity string) (first time.Time) {
	for _, one := range s.sources {
		if one.carries(entity) && one.From != nil && (first.IsZero() || one.From.Before(first)) {
			first = *one.From
		}
	}
	return first
}

// alertsShown is how many alert keys are named.
const alertsShown = 10

// noisiest reads the alerts that page most, from the evidence alone: it refers to
// the incident of each page. "Nothing done" is what the time to
// acknowledge leaves out: resolved by itself before anybody acknowledged.
func (s *sheet) noisiest(ctx context.Context, view *pagesView, from time.Time) error {
	var rows []struct {
		Key     string    `ch:"of_key"`
		Service string    `ch:"of_service"`
		Pages   uint64    `ch:"pages"`
		Now     uint64    `ch:"now"`
		Night   uint64    `ch:"night"`
		Times   uint64    `ch:"times"`
		Idle    uint64    `ch:"idle"`
		ID      string    `ch:"newest"`
		Name    string    `ch:"newest_key"`
		URL     string    `ch:"newest_url"`
		Created time.Time `ch:"newest_at"`
		All     uint64    `ch:"of_all"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT * EXCEPT (of_source), toUInt64(count() OVER ()) AS of_all FROM (
			SELECT toString(i.alert_key) AS of_key, toString(i.alert_source) AS of_source, argMax(toString(i.service), (i.created_at, i.id)) AS of_service, toUInt64(sum(x.n)) AS pages,
			       toUInt64(sum(x.n_now)) AS now, toUInt64(sum(x.n_night)) AS night, toUInt64(count()) AS times,
			       toUInt64(countIf(i.tells_acknowledgement = 1 AND isNull(i.acknowledged_at) AND isNotNull(i.resolved_at) AND lower(i.resolved_by) = 'auto')) AS idle,
			       argMax(i.id, (i.created_at, i.id)) AS newest, argMax(toString(i.key), (i.created_at, i.id)) AS newest_key, argMax(toString(i.url), (i.created_at, i.id)) AS newest_url,
			       assumeNotNull(max(i.created_at)) AS newest_at
			FROM (
				SELECT e.refs[1] AS incident_id, count() AS n, countIf(e.at >= toDateTime64(@here, 3, 'UTC')) AS n_now, countIf(e.basis = 'sleep') AS n_night
				FROM kpi_evidence AS e WHERE e.kpi = '`+pagesKPI+`' AND e.included = 1 AND e.at >= toDateTime64(@from, 3, 'UTC') AND e.at < toDateTime64(@to, 3, 'UTC')
				GROUP BY incident_id
			) AS x
			INNER JOIN (SELECT id, key, url, service, alert_key, alert_source, created_at, acknowledged_at, resolved_at, resolved_by, tells_acknowledgement FROM incidents
				WHERE id IN (SELECT incident_id FROM pages WHERE at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC'))) AS i ON i.id = x.incident_id
			GROUP BY of_source, of_key
		)
		ORDER BY of_key = '' DESC, pages DESC, times DESC, of_key, of_source LIMIT `+fmt.Sprint(alertsShown+2),
		moment("from", from), moment("to", s.end()), moment("here", s.period.StartsAt))
	if err != nil {
		return fmt.Errorf("read the noisiest alerts: %w", err)
	}
	silent, keys := 0, 0
	for _, r := range rows {
		keys = int(r.All)
	}
	for _, r := range rows {
		if r.Key == "" { // one a source
			silent += int(r.Pages)
			keys--
			continue
		}
		if len(view.Alerts) == alertsShown {
			break
		}
		a := noisyAlert{Key: clip(r.Key, 60), Service: clip(r.Service, 40), Pages: tallyOf("alert/pages", int(r.Pages)), Now: tallyOf("alert/now", int(r.Now)), Night: tallyOf("alert/night", int(r.Night)),
			Idle: tallyOf("alert/idle", int(r.Idle)), Of: tallyOf("alert/times", int(r.Times)), Advice: advice(int(r.Pages), int(r.Idle), int(r.Times)),
			Newest: s.place(ctx, incident{ID: r.ID, Key: r.Name, URL: r.URL, Created: r.Created})}
		view.Alerts = append(view.Alerts, a)
	}
	if more := keys - len(view.Alerts); more > 0 && len(view.Alerts) > 0 {
		view.Note = tell("%s more %s paged less often.", tallyOf("alert/more", more), map[bool]string{true: "alert", false: "alerts"}[more == 1])
	}
	if silent > 0 {
		view.Note = follow(view.Note, tell("%s named no alert.", capped(many("alert/silent", silent, "page", "pages"))))
	}
	return nil
}

// advice is what to ask about an alert: one that pages often and that nobody has
// to act on is noise; one that they act on points at something to mend.
func advice(pages, idle, times int) word {
	switch {
	case pages < noisyPages:
		return word{}
	case 2*idle >= times:
		return word{Text: "delete or tune?", Shape: "diamond", Tone: "worse"}
	}
	return word{Text: "tune, or mend the cause?", Shape: "ring", Tone: "usual"}
}
