package metrics

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPublishFreezesWhatAPagePrinted(t *testing.T) {
	ctx := context.Background()
	conn := engine(t)
	if none, err := Issues(ctx, conn); err != nil || none != nil {
		t.Fatalf("before the first issue: %v, %v", none, err)
	}
	ps := Periods(zone(t, "Australia/Melbourne"), mondayMidnight, moment(t, "2026-09-01T00:00:00Z"), moment(t, "2026-10-12T00:00:00Z"))
	asOf := moment(t, "2026-10-06T09:30:00.125Z")
	due := Due(Weekly, ps, asOf, asOf, nil, time.UTC, 5)
	if len(due) != 1 {
		t.Fatalf("due: %v", due)
	}
	week := due[0]
	printed := []Printed{
		{Value{KPI: "change_failure_rate", Stat: "rate", Period: Week, PeriodStart: week.Start, Dim: "all",
			Value: f(3. / 14), K: f(3), N: f(14), Unknown: 5, Excluded: 2, Complete: true}.With(Wilson(3, 14, Level)), "3 of 14, 21 %, plausibly 8–48 %"},
		// Reopening settles late: the newest settled week stands on this week's page.
		{Value{KPI: "reopen_rate", Stat: "rate", Period: Week, PeriodStart: week.Start.AddDate(0, 0, -14), Dim: "all",
			Value: f(.25), K: f(1), N: f(4)}, "1 of 4"},
		{Value{KPI: "time_to_resolve", Stat: "median", Period: Week, PeriodStart: week.Start, Dim: "service", DimValue: "web", Open: 2}, "not collected"},
	}
	if err := Publish(ctx, conn, Weekly, week, asOf, asOf.Add(-time.Hour), "v1", printed); err != nil {
		t.Fatal(err)
	}
	got, err := PublishedValues(ctx, conn, Weekly, week.Start)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	issues, err := Issues(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	want := []Issue{{Document: Weekly, PeriodStart: week.Start, IssuedAt: asOf, DataAsOf: asOf.Add(-time.Hour), Definition: "v1"}}
	if diff := cmp.Diff(want, issues); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if again := Due(Weekly, ps, asOf, asOf, issues, time.UTC, 5); again != nil {
		t.Errorf("due again: %v", again)
	}
	if err := Publish(ctx, conn, Weekly, week, asOf.Add(time.Hour), asOf, "v2", printed); !errors.Is(err, ErrIssued) {
		t.Errorf("a second issue: %v", err)
	}
	if other, err := PublishedValues(ctx, conn, Monthly, week.Start); err != nil || other != nil {
		t.Errorf("of the other document: %v, %v", other, err)
	}
}

func TestPublishRefusesWhatCannotBeComparedLater(t *testing.T) {
	ctx := context.Background()
	conn := engine(t)
	at := moment(t, "2026-10-01T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	other := Value{KPI: "reopen_rate", Stat: "rate", Period: Week, PeriodStart: p.Start.AddDate(0, 0, 7), Dim: "all"}
	for want, printed := range map[string][]Printed{
		"publish weekly of 2026-10-05: the page printed no value":                  nil,
		"publish weekly of 2026-10-05: reopen_rate is of the week from 2026-10-05": {{Value: other}},
	} {
		if err := Publish(ctx, conn, Weekly, p, at, at, "v1", printed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if issues, err := Issues(ctx, conn); err != nil || issues != nil {
		t.Errorf("a refused issue left %v, %v", issues, err)
	}
}
