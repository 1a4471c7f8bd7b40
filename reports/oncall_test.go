package reports

import (
	"maps"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	const (
		rotas  = `SELECT id, if(schedule = '', policy || ', level ' || toString(level), schedule) AS rota, person, starts_at, ends_at FROM oncall_shifts`
		people = `FROM (` + rotas + ` WHERE starts_at < @to AND ends_at > addMonths(@to, -3))`
		load   = ` FROM kpi_evidence AS e INNER JOIN (` + rotas + `) AS r ON r.id = e.id WHERE e.kpi = 'pages_per_shift' AND e.included = 1 AND e.at >= @from AND e.at < @to GROUP BY rota`
	)
	// Pages are those of the shifts that began in the period and are over.
	held := func(condition string) recount {
		return recount{sql: `SELECT toFloat64(countIf(h.begins >= @from AND h.begins < @to AND h.ends <= @asof AND ` + condition + `))
			FROM (SELECT id, rota, assumeNotNull(starts_at) AS begins, assumeNotNull(ends_at) AS ends FROM (` + rotas + `) WHERE isNotNull(starts_at)) AS h
			LEFT JOIN (SELECT shift_id, concat(incident_id, '|', person_id, '|', replaceOne(toString(at), ' ', 'T'), 'Z') AS pid FROM pages) AS p ON p.shift_id = h.id
			LEFT JOIN (SELECT id, basis FROM kpi_evidence WHERE kpi = 'off_hours_pages' AND included = 1) AS e ON e.id = p.pid GROUP BY h.rota`}
	}
	maps.Copy(recounts, map[string]recount{
		"oncall/pages": held(`e.id != ''`),
		"oncall/off":   held(`e.basis IN ('off', 'sleep')`),
		"oncall/night": held(`e.basis = 'sleep'`),
		"oncall/worst": {sql: `SELECT toFloat64(count()) FROM (` + rotas + `) AS r INNER JOIN (SELECT shift_id, concat(incident_id, '|', person_id, '|', replaceOne(toString(at), ' ', 'T'), 'Z') AS pid FROM pages) AS p ON p.shift_id = r.id
			INNER JOIN (SELECT id FROM kpi_evidence WHERE kpi = 'off_hours_pages' AND included = 1 AND basis = 'sleep') AS e ON e.id = p.pid GROUP BY r.rota, r.person, r.starts_at`},
		"oncall/people":   {sql: `SELECT toFloat64(uniqExact(person)) ` + people + ` GROUP BY rota`},
		"oncall/rotas":    {sql: `SELECT toFloat64(uniqExact(rota)) ` + people},
		"oncall/standing": {sql: `SELECT toFloat64(uniqExact(policy, level)) FROM oncall_shifts WHERE starts_at IS NULL`},
		"oncall/shifts":   {sql: `SELECT toFloat64(count())` + load},
		"oncall/pershift": {sql: `SELECT avg(e.value)` + load},
		"oncall/heavy":    {page: counting2(`<span>heavy</span>`, "oncall")},
		"oncall/few":      {page: counting2(`<span>too few</span>`, "oncall")},
	})
}

func TestOnCallIsCountedAgain(t *testing.T) {
	conn, c := filled(t, "paging")
	for _, p := range []metrics.Period{periodAt(t, metrics.Month, c.AsOf), runningAt(t, metrics.Month, c.AsOf)} {
		page := recountedIn(t, conn, c, metrics.Monthly, p, "oncall")
		part := between(page, `<section class="block" id="oncall"`, `</section>`)
		says(t, part, []string{"Payments L2 L2 3 too few each is on call every third week", "Platform L3 L3 5 enough", "1 level of escalation policies calls the same people always"}, "Q. Always", "Payments L2 A")
		if strings.Index(part, "Payments L2") > strings.Index(part, "Platform L3") {
			t.Error("the rotas are not in the order of the alphabet")
		}
	}
}

func TestARotaIsHeldAgainstItsSize(t *testing.T) {
	for people, want := range map[int]string{1: "too few", 3: "too few", 4: "enough", 6: "enough", 8: "enough", 9: "many: each is seldom on call"} {
		if got := rotaSize(people).Text; got != want {
			t.Errorf("%d people: %q", people, got)
		}
	}
	for want, r := range map[string]rotaLoad{
		"always the same person":            {People: 1},
		"each is on call half of the time":  {People: 2, Shifts: 60, Ended: 60, Over: 60 * 12},
		"each is on call every second week": {People: 2, Shifts: 4, Ended: 4, Over: 4 * 168},
		"each is on call every third week":  {People: 3, Shifts: 4, Ended: 4, Over: 4 * 168},
		"":                                  {People: 4},
	} {
		if got := turnOf(r); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

func TestALoadIsABand(t *testing.T) {
	week := func(paged float64, night int64) rotaLoad {
		return rotaLoad{Shifts: 1, Begun: 1, Ended: 1, Over: 168, Paged: paged, Held: int64(paged), HeldNight: night}
	}
	for _, x := range []struct {
		load rotaLoad
		want string
	}{
		{week(0, 0), "quiet"}, {week(1, 0), "quiet"}, {week(2, 0), "bearable"}, {week(1, 1), "bearable"}, {week(28, 2), "bearable"},
		{week(29, 0), "heavy"}, {week(3, 3), "heavy"},
		{rotaLoad{Shifts: 1, Begun: 1, Pages: 3, Night: 3}, "no shift over yet"},
		{rotaLoad{Shifts: 2, Begun: 1, Ended: 1, Over: 168, Pages: 9, Night: 9}, "quiet"}, // those of other shifts
		{rotaLoad{Ended: 1, Over: 20, Paged: 2, Held: 2, HeldNight: 2}, "bearable"},       // nothing is scaled up to a week
		{rotaLoad{Ended: 1, Over: 20, Paged: 3, Held: 3, HeldNight: 3}, "heavy"},
		{rotaLoad{Ended: 4, Over: 4 * 168, Paged: 9, Held: 12, HeldNight: 8}, "bearable"}, {rotaLoad{Ended: 4, Over: 4 * 168, Paged: 9, Held: 12, HeldNight: 9}, "heavy"},
		{rotaLoad{Ended: 1, Over: 12, Paged: 3}, "heavy"},
		{rotaLoad{Ended: 1, Over: 12, Paged: 2}, "bearable"},
	} {
		if got := loadOf(x.load).Text; got != x.want {
			t.Errorf("%+v: %q, want %q", x.load, got, x.want)
		}
	}
}
