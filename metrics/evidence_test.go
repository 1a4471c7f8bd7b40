package metrics

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
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
	got := evidenceOf(t, conn, "time_to_resolve", p)
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
	got := evidenceOf(t, conn, "change_failure_rate", p)
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
		FromAt: &from, At: &until, Value: f(1), Hit: &hit,
		Basis: "rolled back", Refs: []string{"s:9"}, SettlesAt: &settles, Included: true}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A page shows the first rows of each fate and says how many there are.
func TestEvidenceTopCutsEachFateAndCountsAll(t *testing.T) {
	conn := engine(t,
		`INSERT INTO kpis (kpi, kind, stock) VALUES ('time_to_resolve', 'duration', 0), ('reopen_rate', 'rate', 0), ('backlog', 'count', 1)`,
		`INSERT INTO kpi_evidence (kpi, id, from_at, at, value, hit, included, reason)
		SELECT arrayJoin(['time_to_resolve', 'reopen_rate', 'backlog']) AS of_kpi, toString(number), toDateTime64('2026-09-30 00:00:00', 3, 'UTC') + number,
			if(number % 10 = 0, NULL, toDateTime64('2026-10-01 00:00:00', 3, 'UTC') + number), if(number % 10 = 0, NULL, 60. * number),
			if(of_kpi = 'reopen_rate' AND number % 3 > 0, toUInt8(number % 2), NULL), toUInt8(number % 7 > 0), if(number % 7 > 0, '', 'left out')
		FROM numbers(210)`)
	at := moment(t, "2026-10-02T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	tops, err := EvidenceTop(context.Background(), conn, p, 20)
	if err != nil {
		t.Fatal(err)
	}
	for kpi, want := range map[string][Fates]int{
		"time_to_resolve": {Counted: 162, StillOpen: 18, LeftOut: 27},
		"reopen_rate":     {Counted: 108, Unknown: 54, LeftOut: 27},
		"backlog":         {Counted: 18, LeftOut: 27},
	} {
		all := evidenceOf(t, conn, kpi, p)
		rows, count := tops[kpi].Rows, tops[kpi].Count
		shown, total := 0, 0
		for _, n := range count {
			shown, total = shown+min(n, 20), total+n
		}
		if count != want || len(rows) != shown || len(all) != total {
			t.Errorf("%s: %v, want %v; %d rows of %d, want %d of %d", kpi, count, want, len(rows), len(all), shown, total)
		}
		var first []Evidence
		taken := [Fates]int{}
		for _, e := range all {
			fate := Counted
			switch {
			case !e.Included:
				fate = LeftOut
			case kpi == "time_to_resolve" && e.OpenIn(p):
				fate = StillOpen
			case kpi == "reopen_rate" && e.Hit == nil:
				fate = Unknown
			}
			if taken[fate]++; taken[fate] <= 20 {
				first = append(first, e)
			}
		}
		if diff := cmp.Diff(first, rows); diff != "" {
			t.Errorf("%s: -first of all +top:\n%s", kpi, diff)
		}
	}
	durations, err := Durations(context.Background(), conn, p)
	seconds := durations["time_to_resolve"]
	if err != nil || len(durations) != 1 || len(seconds) != 162 || seconds[0] != 60 || seconds[161] != 60*209 {
		t.Errorf("%v, %v", len(seconds), err)
	}
	everything := evidenceOf(t, conn, "time_to_resolve", p)
	cohorts, err := Cohorts(context.Background(), conn, p, Level)
	got := cohorts["time_to_resolve"]
	if want := cohort(everything, p, Level); err != nil || len(cohorts) != 1 || got != want || got.N != 180 || got.Ended != 162 {
		t.Errorf("%+v, want %+v, %v", got, want, err)
	}
}

// evidenceOf reads all rows behind a KPI's figures.
func evidenceOf(t *testing.T, conn driver.Conn, kpi string, p Period) []Evidence {
	t.Helper()
	out, err := evidence(t.Context(), conn, "", " FROM kpi_evidence WHERE kpi = @kpi AND "+inPeriod+" ORDER BY "+asRead, append(spanned(p), clickhouse.Named("kpi", kpi))...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The condition that people are given lists the rows that a page counts.
func TestEvidenceSQLListsTheSameRows(t *testing.T) {
	conn := engine(t,
		`INSERT INTO kpis (kpi, kind, stock) VALUES ('time_to_resolve', 'duration', 0), ('reopen_rate', 'rate', 0), ('backlog', 'count', 1)`,
		`INSERT INTO kpi_evidence (kpi, id, from_at, at, included)
		SELECT arrayJoin(['time_to_resolve', 'reopen_rate', 'backlog']), toString(number), toDateTime64('2026-09-25 00:00:00', 3, 'UTC') + intDiv(number, 20) * 43200,
			if(number % 20 = 19, NULL, toDateTime64('2026-09-25 00:00:00', 3, 'UTC') + intDiv(number, 20) * 43200 + number % 20 * 43200), toUInt8(number % 7 > 0)
		FROM numbers(500)`)
	at := moment(t, "2026-10-02T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	for _, k := range []KPI{{Name: "time_to_resolve", Kind: KindDuration}, {Name: "reopen_rate", Kind: KindRate}, {Name: "backlog", Kind: KindCount, Stock: true}} {
		var want, got []string
		for _, e := range evidenceOf(t, conn, k.Name, p) {
			want = append(want, e.ID)
		}
		rows, err := conn.Query(t.Context(), "SELECT id FROM kpi_evidence WHERE "+EvidenceSQL(k, p))
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			got = append(got, id)
		}
		slices.Sort(want)
		slices.Sort(got)
		if err := rows.Err(); err != nil || len(want) < 20 || !slices.Equal(want, got) {
			t.Errorf("%s: %d rows, want %d, %v", k.Name, len(got), len(want), err)
		}
	}
}
