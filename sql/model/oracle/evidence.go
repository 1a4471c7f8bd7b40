package oracle

import (
	"fmt"
	"strconv"
)

// Row is a piece of evidence. Hit is -1 while unknown, Value nil.
type Row struct {
	KPI, Entity, ID, Key, Title, URL string
	From, At                         Moment
	Value                            *float64
	Hit                              int
	Dims                             map[string][]string
	Basis                            string
	Refs                             []string
	Settles                          Moment
	Included                         bool
	Reason                           string
	World                            int
}

// Silent stands for a basis of which no definition says the words.
const Silent = "*"

// KPIs are those that the oracle knows, each with what lists its evidence.
var KPIs = map[string]func(*Company, *World) []Row{
	"time_to_resolve":             (*Company).timeToResolve,
	"incident_count":              (*Company).incidentCount,
	"reopen_rate":                 (*Company).reopenRate,
	"recurrence_rate_30d":         func(c *Company, w *World) []Row { return c.recurrence(w, "recurrence_rate_30d", 30) },
	"recurrence_rate_90d":         func(c *Company, w *World) []Row { return c.recurrence(w, "recurrence_rate_90d", 90) },
	"change_failure_rate":         (*Company).changeFailureRate,
	"time_to_acknowledge":         (*Company).timeToAcknowledge,
	"time_to_mitigate":            (*Company).timeToMitigate,
	"time_to_escalate":            (*Company).timeToEscalate,
	"escalation_rate":             (*Company).escalationRate,
	"within_target_rate":          (*Company).withinTargetRate,
	"customer_detected_rate":      (*Company).customerDetectedRate,
	"impact_hours":                (*Company).impactHours,
	"backlog":                     (*Company).backlog,
	"change_count":                (*Company).changeCount,
	"suspected_change_failure_4h": suspected(4), "suspected_change_failure_24h": suspected(24), "suspected_change_failure_72h": suspected(72),
	"suspected_by_chance_4h": chance(4), "suspected_by_chance_24h": chance(24), "suspected_by_chance_72h": chance(72),
	"failed_change_recovery_time": (*Company).failedChangeRecovery,
	"unplanned_work_ratio":        (*Company).unplannedHours,
	"unplanned_work_ratio_count":  (*Company).unplannedCount,
	"unplanned_work_ratio_points": (*Company).unplannedPoints,
	"pages_per_shift":             (*Company).pagesPerShift,
	"off_hours_pages":             (*Company).offHoursPages,
	"action_closure_rate":         (*Company).actionClosureRate,
	"postmortem_coverage":         (*Company).postmortemCoverage,
}

// Evidence lists the rows of one KPI over all worlds, with those that another
// row stands for.
func (c *Company) Evidence(kpi, kind string) []Row {
	var rows []Row
	for _, w := range c.Worlds {
		found := KPIs[kpi](c, w)
		if len(found) > 0 || len(c.rows[w]) > 0 {
			found = append(found, c.sameAs(w, kpi, kind)...)
		}
		for _, r := range found {
			r.KPI, r.World = kpi, w.N
			rows = append(rows, r)
		}
	}
	return rows
}

// entityOf is what the candidates of a KPI are.
func entityOf(kpi string) string {
	switch kpi {
	case "change_failure_rate", "change_count", "failed_change_recovery_time",
		"suspected_change_failure_4h", "suspected_change_failure_24h", "suspected_change_failure_72h",
		"suspected_by_chance_4h", "suspected_by_chance_24h", "suspected_by_chance_72h":
		return "change"
	case "unplanned_work_ratio":
		return "worklog"
	case "unplanned_work_ratio_count", "unplanned_work_ratio_points":
		return "ticket"
	case "pages_per_shift":
		return "oncall_shift"
	case "off_hours_pages":
		return "page"
	case "action_closure_rate":
		return "action_item"
	}
	return "incident"
}

// sameAs are the records of incidents or changes that a row of another source
// stands for: in every KPI of theirs, left out.
func (c *Company) sameAs(w *World, kpi, kind string) []Row {
	var out []Row
	add := func(m *record, r Row) {
		r.ID, r.Basis, r.Refs, r.Hit, r.Reason = m.full(), m.basis, []string{m.row.full()}, -1, "same as "+m.row.full()
		r.Key, r.URL = keyOf(m.key, m.id), m.url
		out = append(out, r)
	}
	if entityOf(kpi) == "change" && kind == "duration" {
		return nil // only failed changes are its candidates
	}
	switch entityOf(kpi) {
	case "incident":
		for _, r := range c.rows[w] {
			for i, m := range r.joined[1:] {
				rec := r.records[i+1]
				at := w.tell(rec, c.AsOf).created
				if kind == "duration" {
					at = first(rec.Resolved.until(c.AsOf), rec.Closed.until(c.AsOf), at)
				}
				add(m, Row{Entity: "incident", Title: rec.Title, At: at,
					Dims: dims(c.named("service", rec.Services), c.named("team", rec.Teams), rec.Severity)})
			}
		}
	case "change":
		for _, ch := range c.changes[w] {
			for i, m := range ch.joined[1:] {
				rec := ch.records[i+1]
				add(m, Row{Entity: "change", Title: rec.Title, At: first(rec.Ended.until(c.AsOf), rec.Started.until(c.AsOf), rec.Created),
					Dims: dims(c.named("service", rec.Services), c.named("team", rec.Teams), -1)})
			}
		}
	}
	return out
}

func dims(services, teams []string, severity int) map[string][]string {
	d := map[string][]string{"service": services, "team": teams}
	if severity >= 0 {
		d["severity"] = []string{strconv.Itoa(severity)}
	}
	return d
}

// number is a value that is known.
func number(v float64) *float64 { return &v }

// evidence begins the row of an incident: included unless the reason says why
// not, at its creation.
func (r *row) evidence(reason string) Row {
	return Row{Entity: "incident", ID: r.id, Key: r.key, Title: r.title, URL: r.url, At: r.created, Hit: -1,
		Dims: dims(r.services, r.teams, r.severity), Included: reason == "", Reason: reason}
}

// out is evidence of an incident that is left out, at its stop, else closed,
// else created.
func (r *row) out(reason string, stops ...Moment) Row {
	e := r.evidence(reason)
	e.At = first(append(stops, r.closed, r.created)...)
	return e
}

func (r Row) String() string {
	value, hit := "NULL", "NULL"
	if r.Value != nil {
		value = fmt.Sprint(*r.Value)
	}
	if r.Hit >= 0 {
		hit = strconv.Itoa(r.Hit)
	}
	return fmt.Sprintf("from %v at %v value %s hit %s dims %v basis %q refs %v settles %v included %v reason %q key %q title %q url %q",
		r.From, r.At, value, hit, r.Dims, r.Basis, r.Refs, r.Settles, r.Included, r.Reason, r.Key, r.Title, r.URL)
}
