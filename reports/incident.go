package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// incident is one row of the mart: an outage as the business saw it, from
// however many sources.
type incident struct {
	ID             string            `ch:"id"`
	Source         string            `ch:"source"`
	Key            string            `ch:"key"`
	URL            string            `ch:"url"`
	Title          string            `ch:"title"`
	Services       []string          `ch:"services"`
	Teams          []string          `ch:"teams"`
	Severity       uint8             `ch:"severity"`
	Major          uint8             `ch:"major"`
	CustomerImpact *uint8            `ch:"customer_impact"`
	Created        time.Time         `ch:"created_at"`
	Started        time.Time         `ch:"started_at"` // of the earliest record merged into it
	Impact         *time.Time        `ch:"impact_started_at"`
	Acknowledged   *time.Time        `ch:"acknowledged_at"`
	TellsThat      uint8             `ch:"tells_acknowledgement"` // none means nobody acknowledged it
	Mitigated      *time.Time        `ch:"mitigated_at"`
	Resolved       *time.Time        `ch:"resolved_at"`
	ResolvedSince  *time.Time        // after the moment of which the page speaks
	Reopened       uint32            `ch:"reopen_count"`
	FirstReopened  *time.Time        `ch:"first_reopened_at"`
	Cause          string            `ch:"cause"`
	FixOwner       string            `ch:"fix_owner"`
	CausedByChange string            `ch:"caused_by_change"`
	DetectedBy     string            `ch:"detected_by"`
	Attributes     map[string]string `ch:"attributes"`
}

const incidentColumns = `
	SELECT id, toString(source) AS source, key, url, title, services, teams, toUInt8(severity) AS severity,
	       toUInt8(ifNull(i.major, has(@major, i.severity))) AS major, toNullable(customer_impact) AS customer_impact,
	       assumeNotNull(i.created_at) AS created_at, ifNull(i.started_at, created_at) AS started_at,
	       toNullable(i.impact_started_at) AS impact_started_at, toNullable(i.acknowledged_at) AS acknowledged_at, toUInt8(tells_acknowledgement) AS tells_acknowledgement,
	       toNullable(i.mitigated_at) AS mitigated_at, toNullable(i.resolved_at) AS resolved_at,
	       toUInt32(ifNull(i.reopen_count, 0)) AS reopen_count, toNullable(i.first_reopened_at) AS first_reopened_at,
	       toString(cause) AS cause, toString(fix_owner) AS fix_owner, caused_by_change, toString(detected_by) AS detected_by,
	       CAST(attributes, 'Map(String, String)') AS attributes
	FROM incidents AS i
	WHERE i.created_at IS NOT NULL AND `

// countedIncident keeps the incidents that the count of incidents holds: no drills, no
// rows merged into another, no flaps. It is the rule of that KPI, said again: its
// evidence is of all years.
const countedIncident = `i.exercise = 0 AND i.merged_into = '' AND i.flap_of = '' AND `

// incidents reads the mart's rows that fulfil a condition, oldest first, as they
// stood at the end of the page.
func (s *sheet) incidents(ctx context.Context, where string, params ...any) ([]incident, error) {
	return s.incidentsAt(ctx, s.end(), where, params...)
}

// incidentsAt reads them as they stood at a moment.
func (s *sheet) incidentsAt(ctx context.Context, at time.Time, where string, params ...any) ([]incident, error) {
	var rows []incident
	query := incidentColumns + where + " ORDER BY i.created_at, i.id"
	params = append(params, clickhouse.Named("major", severities(s.options.Major)))
	if err := s.conn.Select(ctx, &rows, query, params...); err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	for i := range rows {
		rows[i].forget(at)
	}
	return rows, nil
}

// forget drops what was not known at a moment, so that an old page does not tell
// what came after it. Words of the ticket have no history: they are those of now.
func (i *incident) forget(at time.Time) {
	known := func(t *time.Time) *time.Time {
		if t == nil || !t.Before(at) {
			return nil
		}
		return t
	}
	if i.Resolved != nil && !i.Resolved.Before(at) {
		i.ResolvedSince = i.Resolved
	}
	i.Acknowledged, i.Mitigated, i.Resolved = known(i.Acknowledged), known(i.Mitigated), known(i.Resolved)
	if i.FirstReopened != nil && !i.FirstReopened.Before(at) {
		i.Reopened = 0
	}
}

// severities are those that make an incident major where its source does not
// say: 1 and 2 unless configured.
func severities(configured []uint8) []int {
	if len(configured) == 0 {
		return []int{1, 2}
	}
	out := make([]int, len(configured))
	for i, s := range configured {
		out[i] = int(s)
	}
	return out
}

// createdBetween reads the incidents that began in a span of time, as they stood
// at its end.
func (s *sheet) createdBetween(ctx context.Context, from, to time.Time) ([]incident, error) {
	return s.incidentsAt(ctx, to, countedIncident+"i.created_at >= toDateTime64(@from, 3, 'UTC') AND i.created_at < toDateTime64(@to, 3, 'UTC')",
		moment("from", from), moment("to", to))
}

// beganHere reads those of this page's period, once.
func (s *sheet) beganHere(ctx context.Context) ([]incident, error) {
	if s.cards != nil {
		return s.began, nil
	}
	rows, err := s.createdBetween(ctx, s.period.StartsAt, s.end())
	if err != nil {
		return nil, err
	}
	s.began, s.cards = rows, map[string]bool{}
	if s.document == metrics.Weekly { // the page with cards
		s.cards = carded(rows, s.end())
	}
	return rows, nil
}

// beganAt is when it began to hurt, else when it was raised.
func (i incident) beganAt() time.Time {
	if i.Impact != nil && i.Impact.Before(i.Created) {
		return *i.Impact
	}
	return i.Created
}

// incidentsOf reads incidents by their ids.
func (s *sheet) incidentsOf(ctx context.Context, ids []string) (map[string]incident, error) {
	out := map[string]incident{}
	if len(ids) == 0 {
		return out, nil
	}
	slices.Sort(ids)
	rows, err := s.incidents(ctx, "i.id IN @ids", clickhouse.Named("ids", slices.Compact(ids)))
	for _, row := range rows {
		out[row.ID] = row
	}
	return out, err
}

// mended is how an incident was put right, in the words of its resolution, where
// a source says so. Of one resolved after the page they are of then.
func (i incident) mended() string {
	if i.ResolvedSince != nil {
		return ""
	}
	for _, name := range []string{"how", "resolution_notes", "close_notes", "resolution", "resolution_note", "fix", "close_code"} {
		if text := clean(i.Attributes[name]); text != "" {
			return text
		}
	}
	return ""
}

// lasted is the time from its start to its resolution, or while open to the
// moment of which the page speaks.
func (i incident) lasted(at time.Time) time.Duration {
	end := at
	if i.Resolved != nil {
		end = *i.Resolved
	}
	return max(0, end.Sub(i.Started))
}

// service is the first of the incident's services, which the mart sorts by weight.
func (i incident) service() string {
	if len(i.Services) == 0 {
		return ""
	}
	return i.Services[0]
}

// name is how a sentence calls the incident: its key, else its id.
func (i incident) name() string {
	if key := clip(i.Key, 32); key != "" {
		return key
	}
	return clip(i.ID, 40)
}
