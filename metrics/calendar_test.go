package metrics

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Pages are named and issues are found by the periods that come back from the
// table, whatever the zone of the machine that reads them.
func TestPeriodsComeBackFromTheirTableAsTheyWere(t *testing.T) {
	ctx := context.Background()
	conn := engine(t, `CREATE TABLE periods (period LowCardinality(String), period_start Date, starts_at DateTime64(3, 'UTC'),
		ends_at DateTime64(3, 'UTC'), label String) ENGINE = MergeTree ORDER BY (period, period_start)`)
	loc := zone(t, "Australia/Melbourne")
	want := Periods(loc, mondayMidnight, moment(t, "2026-03-20T00:00:00Z"), moment(t, "2026-06-02T00:00:00Z"))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO periods")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range want {
		if err := batch.Append(p.Kind, p.Start, p.StartsAt, p.EndsAt, p.Label); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	got, err := calendar(ctx, conn, loc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for i := range got {
		if got[i].Start != want[i].Start || got[i].Slug() != want[i].Slug() {
			t.Errorf("%s starts %v and is %s", got[i].Label, got[i].Start, got[i].Slug())
		}
	}
}
