package reports

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// rotasShown is how many rotas a table names.
const rotasShown = 30

// rotaLoad is what a rota carried in a span of time. A rota is a schedule; where
// a policy names people without one, its level. The same schedule under several
// policies is one.
type rotaLoad struct {
	Source string   `ch:"source"`
	Name   string   `ch:"rota"`
	Of     []string `ch:"tiers"`
	People int64    `ch:"people"` // who had a turn since an earlier moment
	Turns  int64    `ch:"turns"`  // whether anybody ever hands over
	Shifts int64    `ch:"shifts"` // that touch the span
	Begun  int64    `ch:"begun"`  // that began in it: a shift is of the span in which it began, as for the KPI
	Ended  int64    `ch:"ended"`  // of them, those that are over: the ones that the KPI counts
	Over   float64  `ch:"hours"`  // their hours
	Paged  float64  `ch:"paged"`  // incidents that paged in them

	Pages     int64 `ch:"pages"` // in the span
	Off       int64 `ch:"off"`   // of them outside business hours, nights among them
	Night     int64 `ch:"night"`
	Held      int64 `ch:"held"` // pages in the shifts that are over, to their end
	HeldOff   int64 `ch:"held_off"`
	HeldNight int64 `ch:"held_night"`
	Worst     int64 `ch:"worst"` // night pages of the shift that had most of them
}

func (r rotaLoad) name() string {
	if r.Name == "" {
		return "nobody's shift"
	}
	return clip(r.Name, 60)
}

func (r rotaLoad) tiers() string { return strings.Join(r.Of, ", ") }

// rotaKey names the rota of a shift.
const rotaKey = `if(schedule != '', toString(schedule), concat(toString(policy), ', level ', toString(level)))`

// rotaLoads reads the rotas between a moment and the end of the page, by name;
// people are counted from an earlier one on.
func (s *sheet) rotaLoads(ctx context.Context, from, since time.Time) ([]rotaLoad, error) {
	var rows []rotaLoad
	err := s.conn.Select(ctx, &rows, `
		WITH toDateTime64(@here, 3, 'UTC') AS span_from, toDateTime64(@until, 3, 'UTC') AS span_to,
		shifts AS (
			SELECT id, toString(source) AS source, `+rotaKey+` AS rota, toString(tier) AS tier, if(person_id != '', toString(person_id), toString(person)) AS who, starts_at, ends_at,
			       min(id) OVER (PARTITION BY source, person_id, schedule, starts_at, ends_at) AS counted_as
			FROM oncall_shifts WHERE ifNull(starts_at < span_to, 1)
		),
		ended AS (
			SELECT id, value FROM kpi_evidence WHERE kpi = 'pages_per_shift' AND included = 1 AND isNotNull(value) AND at >= span_from AND at < span_to
		),
		turns AS (
			SELECT source, rota, who, starts_at AS begins, ends_at AS ends, groupUniqArray(tier) AS of_tiers, isNull(begins) OR isNull(ends) AS endless
			FROM shifts WHERE ifNull(ends_at > toDateTime64(@since, 3, 'UTC'), 1) GROUP BY source, rota, who, starts_at, ends_at
		)
		SELECT source, rota, arraySort(groupUniqArrayArray(of_tiers)) AS tiers, sum(n_people) AS people, sum(n_turns) AS turns, sum(n_shifts) AS shifts, sum(n_begun) AS begun,
		       sum(n_ended) AS ended, sum(n_over) AS hours, sum(n_paged) AS paged, sum(n_pages) AS pages, sum(n_off) AS off, sum(n_night) AS night,
		       sum(n_held) AS held, sum(n_held_off) AS held_off, sum(n_held_night) AS held_night, max(n_worst) AS worst
		FROM (
			SELECT source, rota, groupUniqArrayArray(of_tiers) AS of_tiers, toInt64(uniqExact(who)) AS n_people, toInt64(countIf(NOT endless)) AS n_turns,
			       toInt64(countIf(NOT endless AND ends > span_from)) AS n_shifts, toInt64(countIf(NOT endless AND begins >= span_from)) AS n_begun,
			       toInt64(0) AS n_ended, 0. AS n_over, 0. AS n_paged, toInt64(0) AS n_pages, toInt64(0) AS n_off, toInt64(0) AS n_night, toInt64(0) AS n_held, toInt64(0) AS n_held_off, toInt64(0) AS n_held_night, toInt64(0) AS n_worst
			FROM turns GROUP BY source, rota
			UNION ALL
			SELECT h.source, h.rota, CAST([], 'Array(String)'), toInt64(0), toInt64(0), toInt64(0), toInt64(0),
			       toInt64(count()), toFloat64(sum(dateDiff('second', assumeNotNull(h.starts_at), assumeNotNull(h.ends_at)))) / 3600, toFloat64(sum(assumeNotNull(e.value))), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0)
			FROM ended AS e
			INNER JOIN (SELECT * FROM shifts WHERE isNotNull(starts_at) AND isNotNull(ends_at)) AS h ON h.id = e.id
			GROUP BY h.source, h.rota
			UNION ALL
			SELECT ifNull(h.source, ''), ifNull(h.rota, ''), CAST([], 'Array(String)'), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), 0., 0.,
			       toInt64(countIf(x.paged_at < span_to)), toInt64(countIf(x.paged_at < span_to AND x.hit = 1)), toInt64(countIf(x.paged_at < span_to AND x.band = 'sleep')),
			       toInt64(countIf(h.is_over = 1)), toInt64(countIf(h.is_over = 1 AND x.hit = 1)), toInt64(countIf(h.is_over = 1 AND x.band = 'sleep')),
			       toInt64(arrayMax(mapValues(sumMap(map(ifNull(h.counted_as, ''), toInt64(ifNull(h.is_over = 1 AND x.band = 'sleep', 0)))))))
			FROM `+pagedRows+` AS x
			LEFT JOIN (SELECT id, source, rota, counted_as, toUInt8(counted_as IN (SELECT id FROM ended)) AS is_over FROM shifts) AS h ON h.id = x.shift_id
			GROUP BY 1, 2
		)
		GROUP BY source, rota ORDER BY rota = '', lower(rota), rota, source LIMIT 1000`,
		moment("here", from), moment("until", s.end()), moment("since", since), moment("from", from), moment("to", s.asOf))
	if err != nil {
		return nil, fmt.Errorf("read the load of rotas: %w", err)
	}
	return rows, nil
}
