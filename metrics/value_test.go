package metrics

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestValuesAreReadAsTheyAreStored(t *testing.T) {
	conn := engine(t, `INSERT INTO kpi_values VALUES
		('change_failure_rate', 'rate', 'week', '2026-09-28', 'all', '', 0.25, NULL, NULL, 3, 12, 2, 0, 1, 0),
		('change_failure_rate', 'rate', 'week', '2026-09-21', 'all', '', NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 1),
		('change_failure_rate', 'rate', 'month', '2026-09-01', 'all', '', 0.1, NULL, NULL, 1, 10, 0, 0, 0, 1),
		('change_failure_rate', 'rate', 'week', '2026-09-28', 'service', 'it''s \\ ?@dim', 0, NULL, NULL, 0, 1, 0, 0, 0, 0),
		('change_failure_rate', 'rate', 'week', '2026-09-28', 'service', 'web', 0, NULL, NULL, 0, 2, 0, 0, 0, 0),
		('time_to_resolve', 'median', 'week', '2026-09-28', 'all', '', 3960.5, NULL, NULL, NULL, 12, 0, 2, 1, 1),
		('time_to_resolve', 'max', 'week', '2026-09-28', 'all', '', 68400, NULL, NULL, NULL, 12, 0, 2, 1, 1),
		('unplanned_work_ratio', 'share', 'week', '2026-09-28', 'all', '', 0.12, 0.12, 0.31, 48, 322, 78, 0, 0, 1)`)
	ctx := context.Background()
	week, before := date(t, "2026-09-28"), date(t, "2026-09-21")

	tests := []struct {
		name  string
		query Query
		want  []Value
	}{
		{"a rate over two weeks, one of them not collected", Query{KPIs: []string{"change_failure_rate"}, Period: Week, From: before, To: week}, []Value{
			{KPI: "change_failure_rate", Stat: "rate", Period: Week, PeriodStart: before, Dim: "all", Complete: true},
			{KPI: "change_failure_rate", Stat: "rate", Period: Week, PeriodStart: week, Dim: "all", Value: f(0.25), K: f(3), N: f(12), Unknown: 2, Excluded: 1},
		}},
		{"of one week only", Query{KPIs: []string{"change_failure_rate"}, Period: Week, From: week, To: week}, []Value{
			{KPI: "change_failure_rate", Stat: "rate", Period: Week, PeriodStart: week, Dim: "all", Value: f(0.25), K: f(3), N: f(12), Unknown: 2, Excluded: 1},
		}},
		{"a service with a hostile name", Query{Dim: "service", DimValues: []string{`it's \ ?@dim`}}, []Value{
			{KPI: "change_failure_rate", Stat: "rate", Period: Week, PeriodStart: week, Dim: "service", DimValue: `it's \ ?@dim`, Value: f(0), K: f(0), N: f(1)},
		}},
		{"stats of a duration", Query{KPIs: []string{"time_to_resolve", "other"}, Stats: []string{"median"}}, []Value{
			{KPI: "time_to_resolve", Stat: "median", Period: Week, PeriodStart: week, Dim: "all", Value: f(3960.5), N: f(12), Open: 2, Excluded: 1, Complete: true},
		}},
		{"a share keeps its range", Query{Stats: []string{"share"}}, []Value{
			{KPI: "unplanned_work_ratio", Stat: "share", Period: Week, PeriodStart: week, Dim: "all", Value: f(0.12), Low: f(0.12), High: f(0.31),
				K: f(48), N: f(322), Unknown: 78, Complete: true},
		}},
		{"nothing", Query{KPIs: []string{"other"}}, nil},
	}
	for _, tt := range tests {
		got, err := Values(ctx, conn, tt.query)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if all, err := Values(ctx, conn, Query{}); err != nil || len(all) != 6 {
		t.Errorf("of all: %d rows, %v", len(all), err)
	}
	if _, err := Values(ctx, conn, Query{KPIs: []string{"x' OR '1'='1"}}); err != nil {
		t.Error(err)
	}
}

func TestCatalogueIsTheTableKpis(t *testing.T) {
	conn := engine(t, `INSERT INTO kpis VALUES
		('time_to_resolve', 'Time to resolve', 'MTTR (resolve)', 'How long?', 'duration', 'incident', 'lower', 'created to resolved', 'exercises', 'resolved', '', 0, 'docs', ['cause', 'risk']),
		('incident_count', 'Incidents', '', 'How many?', 'count', 'incident', 'lower', 'created', '', '', '', 1, '', [])`)
	got, err := Catalogue(context.Background(), conn)
	if err != nil {
		t.Fatal(err)
	}
	want := []KPI{
		{Name: "incident_count", Title: "Incidents", Asks: "How many?", Kind: "count", Entity: "incident", Better: "lower", Counts: "created", Stock: true, Dims: []string{}},
		{Name: "time_to_resolve", Title: "Time to resolve", Also: "MTTR (resolve)", Asks: "How long?", Kind: "duration", Entity: "incident", Better: "lower",
			Counts: "created to resolved", Excludes: "exercises", Ended: "resolved", Source: "docs", Dims: []string{"cause", "risk"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestBusiestTakesTheFirstOfEachKPI(t *testing.T) {
	conn := engine(t,
		`INSERT INTO kpis (kpi, kind, unit) VALUES ('time_to_resolve', 'duration', ''), ('impact_hours', 'count', 'h'), ('incident_count', 'count', '')`,
		`INSERT INTO kpi_values (kpi, stat, period, period_start, dim, dim_value, value, n) VALUES
			('time_to_resolve', 'median', 'week', '2026-09-28', 'service', 'few but slow', 900, 1),
			('time_to_resolve', 'median', 'week', '2026-09-28', 'service', 'many', 60, 7),
			('time_to_resolve', 'median', 'week', '2026-09-28', 'service', 'as many', 30, 7),
			('time_to_resolve', 'max', 'week', '2026-09-28', 'service', 'of another stat', 60, 90),
			('time_to_resolve', 'median', 'week', '2026-09-21', 'service', 'of another week', 60, 90),
			('time_to_resolve', 'median', 'week', '2026-09-28', 'team', 'of another dimension', 60, 90),
			('impact_hours', 'count', 'week', '2026-09-28', 'service', 'many, short', 2, 9),
			('impact_hours', 'count', 'week', '2026-09-28', 'service', 'one, long', 30, 1),
			('incident_count', 'count', 'week', '2026-09-28', 'service', 'none', 0, 0),
			('incident_count', 'count', 'week', '2026-09-28', 'service', 'not collected', NULL, NULL)`)
	at := moment(t, "2026-10-01T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	got, err := Busiest(context.Background(), conn, p, "service", 2)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, kpi := range []string{"time_to_resolve", "impact_hours", "incident_count"} {
		for _, v := range got[kpi] {
			names = append(names, v.DimValue)
		}
	}
	if s := strings.Join(names, "; "); s != "as many; many; one, long; many, short" {
		t.Error(s)
	}
}
