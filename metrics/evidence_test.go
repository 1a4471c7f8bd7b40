package metrics

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEvidenceOfADurationHasWhatEndedAndWhatWasOpen(t *testing.T) {
	// Week from Mon 28 Sep to Mon 5 Oct 2026.
	conn := engine(t,
		`INSERT INTO kpis (kpi, kind) VALUES ('time_to_resolve', 'duration'), ('change_failure_rate', 'rate')`,
		`INSERT INTO kpi_evidence (kpi, id, key, from_at, at, value, included, reason) VALUES
			('time_to_resolve', '1', 'quick',           '2026-09-29 10:00:00', '2026-09-29 11:00:00', 3600, 1, ''),
			('time_to_resolve', '2', 'slow',            '2026-09-20 10:00:00', '2026-09-28 00:00:00.000', 655200, 1, ''),
			('time_to_resolve', '3', 'last second',     '2026-10-04 23:00:00', '2026-10-04 23:59:59.999', 3599, 1, ''),
			('time_to_resolve', '4', 'ended at the end','2026-10-03 00:00:00', '2026-10-05 00:00:00', 172800, 1, ''),
			('time_to_resolve', '5', 'never ended',     '2026-09-01 00:00:00', NULL, NULL, 1, ''),
			('time_to_resolve', '6', 'began later',     '2026-10-05 00:00:00', NULL, NULL, 1, ''),
			('time_to_resolve', '7', 'ended before',    '2026-09-20 00:00:00', '2026-09-27 23:59:59.999', 1, 1, ''),
			('time_to_resolve', '8', 'an exercise',     '2026-09-30 00:00:00', '2026-09-30 01:00:00', 99999, 0, 'exercise'),
			('time_to_resolve', '9', 'an open exercise','2026-09-30 00:00:00', NULL, NULL, 0, 'exercise'),
			('time_to_resolve', '10', 'without start',   NULL, NULL, NULL, 1, ''),
			('other', '11', 'of another KPI',            '2026-09-29 10:00:00', '2026-09-29 11:00:00', 3600, 1, '')`)
	at := moment(t, "2026-10-01T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	got, err := EvidenceOf(context.Background(), conn, "time_to_resolve", p)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, e := range got {
		key := e.Key
		if e.OpenIn(p) {
			key += " (open)"
		}
		keys = append(keys, key)
	}
	want := "slow, quick, last second, never ended (open), ended at the end (open), an exercise"
	if s := strings.Join(keys, ", "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

func TestEvidenceOfARateIsOfItsPeriodOnlyHitsFirst(t *testing.T) {
	conn := engine(t,
		`INSERT INTO kpis (kpi, kind) VALUES ('change_failure_rate', 'rate')`,
		`INSERT INTO kpi_evidence (kpi, entity, id, key, title, url, from_at, at, value, hit, dims, basis, refs, settles_at, included, reason) VALUES
			('change_failure_rate', 'change', 's:1', 'fine', '', '', '2026-09-29 10:00:00', '2026-09-29 11:00:00', 1, 0, {}, '', [], NULL, 1, ''),
			('change_failure_rate', 'change', 's:2', 'pending', '', '', '2026-09-29 10:00:00', '2026-09-29 11:00:00', 1, NULL, {}, '', [], '2026-10-02 11:00:00', 1, 'window open'),
			('change_failure_rate', 'change', 's:3', 'failed', '<b>it''s</b>', 'https://x/3', '2026-09-29 10:00:00.250', '2026-09-29 11:00:00.500', 1, 1,
				{'service': ['web', 'api'], 'team': []}, 'rolled back', ['s:9'], '2026-10-02 11:00:00.500', 1, ''),
			('change_failure_rate', 'change', 's:4', 'ends in the next week', '', '', '2026-10-04 10:00:00', '2026-10-06 11:00:00', 1, 1, {}, '', [], NULL, 1, ''),
			('change_failure_rate', 'change', 's:5', 'cancelled', '', '', NULL, '2026-09-29 11:00:00', 1, NULL, {}, '', [], NULL, 0, 'cancelled')`)
	at := moment(t, "2026-10-01T00:00:00Z")
	// Melbourne's week begins half a day earlier in UTC; the rows are still in it.
	p := only(Periods(zone(t, "Australia/Melbourne"), mondayMidnight, at, at), Week)[0]
	got, err := EvidenceOf(context.Background(), conn, "change_failure_rate", p)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, e := range got {
		keys = append(keys, e.Key)
	}
	if s := strings.Join(keys, ", "); s != "failed, fine, pending, cancelled" {
		t.Error(s)
	}
	hit := uint8(1)
	from, until, settles := moment(t, "2026-09-29T10:00:00.25Z"), moment(t, "2026-09-29T11:00:00.5Z"), moment(t, "2026-10-02T11:00:00.5Z")
	want := Evidence{KPI: "change_failure_rate", Entity: "change", ID: "s:3", Key: "failed", Title: "<b>it's</b>", URL: "https://x/3",
		FromAt: &from, At: &until, Value: f(1), Hit: &hit, Dims: map[string][]string{"service": {"web", "api"}, "team": {}},
		Basis: "rolled back", Refs: []string{"s:9"}, SettlesAt: &settles, Included: true}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
