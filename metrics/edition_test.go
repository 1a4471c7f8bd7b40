package metrics

import (
	"context"
	"errors"
	"testing"
	"time"
)

// How far the data reach decides which period is reported, and whether it is
// issued: the slowest source holds an issue back, one that never delivered most
// of all.
func TestEditionReachesAsFarAsItsSources(t *testing.T) {
	const tables = `CREATE TABLE periods (period String, period_start Date, starts_at DateTime64(3, 'UTC'), ends_at DateTime64(3, 'UTC'), label String) ENGINE = Memory`
	const build = `INSERT INTO builds (id, as_of, definition, started_at, ended_at) VALUES (1, '2026-10-06 07:00:00', 'd1', now64(3), now64(3))`
	for name, c := range map[string]struct {
		sources       string
		data, slowest string // empty: the zero time
	}{
		"one source":                    {`('a', '2026-10-01 00:00:00')`, "2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z"},
		"the slowest of two":            {`('a', '2026-10-01 00:00:00'), ('b', '2026-09-01 00:00:00')`, "2026-10-01T00:00:00Z", "2026-09-01T00:00:00Z"},
		"one that delivered nothing":    {`('a', '2026-10-01 00:00:00'), ('b', NULL)`, "2026-10-01T00:00:00Z", ""},
		"none that delivered":           {`('a', NULL)`, "2026-10-06T07:00:00Z", ""},
		"all of them up to the build's": {`('a', '2026-10-06 07:00:00')`, "2026-10-06T07:00:00Z", "2026-10-06T07:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := engine(t, tables, build, `CREATE TABLE sources (source String, collected_to Nullable(DateTime64(3, 'UTC'))) ENGINE = Memory`,
				`INSERT INTO sources VALUES `+c.sources)
			e, err := EditionOf(context.Background(), conn, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			slowest := time.Time{}
			if c.slowest != "" {
				slowest = moment(t, c.slowest)
			}
			if !e.DataAsOf.Equal(moment(t, c.data)) || !e.Slowest.Equal(slowest) {
				t.Errorf("data as of %v, slowest %v", e.DataAsOf, e.Slowest)
			}
		})
	}
	if _, err := EditionOf(context.Background(), engine(t), time.UTC); !errors.Is(err, ErrNoBuild) {
		t.Errorf("before the first build: %v", err)
	}
}
