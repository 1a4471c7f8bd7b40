package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// remains are the parts of a payload that ingest asks of old records: which
// file they came from, what a worklog is booked on, whether an incident that it
// does not see any more was open. No names of people, no texts.
var remains = []struct {
	typ, entity string // empty: every entity
	keys        []string
}{
	{configs.TypeFile, "", []string{"_file"}},
	{configs.TypeJira, "worklog", []string{"issueId"}},
	{configs.TypePagerDuty, "incident", []string{"created_at", "status"}},
}

// Retain empties the payload of the raw records that were fetched before a
// moment, and says of how many. What was staged of them stays, also when their
// models are staged again. Kept are
//
//   - records that a feed has still to take, or that no feed reads;
//   - records in quarantine: they wait for a mapping that can read them;
//   - tombstones, which say nothing but that;
//   - on-call entries that had not ended by then: ingest ends them by their payload.
//
// A mutation rewrites the payloads of each part that it touches, so it waits
// until one has been due since the second moment. Parts without a due record
// are left as they are.
func Retain(ctx context.Context, conn driver.Conn, feeds []Feed, before, waited time.Time) (uint64, error) {
	at := "toDateTime64(" + literal(before.UTC().Format(timeFormat)) + ", 3, 'UTC')"
	due := dueFor(feeds, at)
	if due == "" {
		return 0, nil
	}
	due = fmt.Sprintf("fetched_at < %s AND payload != '' AND deleted = 0 AND (%s)", at, due)
	var records uint64
	var oldest time.Time
	if err := conn.QueryRow(ctx, "SELECT count(), min(fetched_at) FROM raw_records WHERE "+due).Scan(&records, &oldest); err != nil {
		return 0, fmt.Errorf("look for payloads to empty: %w", err)
	}
	if records == 0 || oldest.After(waited) {
		return 0, nil
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"mutations_sync":                   2,
		"allow_nondeterministic_mutations": 1, // replicas: nothing changes what is staged meanwhile
	}))
	if err := conn.Exec(ctx, "ALTER TABLE raw_records UPDATE rest = "+restOf(feeds)+", payload = '' WHERE "+due); err != nil {
		return 0, fmt.Errorf("empty old payloads: %w", err)
	}
	return records, nil
}

// dueFor chooses what every feed has taken that reads it.
func dueFor(feeds []Feed, before string) string {
	type read struct{ source, entity string }
	readers := map[read][]Feed{}
	var order []read
	for _, f := range feeds {
		for _, entity := range cut(f.Entity, ",") {
			r := read{f.Source, entity}
			if readers[r] == nil {
				order = append(order, r)
			}
			readers[r] = append(readers[r], f)
		}
	}
	var any []string
	for _, r := range order {
		taken := make([]string, len(readers[r]))
		for i, f := range readers[r] {
			taken[i] = fmt.Sprintf("run_id IN (SELECT run_id FROM staged_runs WHERE source = %s AND model = %s AND hash = %s)", literal(f.Source), literal(f.Model.Name), literal(f.hash()))
		}
		all := fmt.Sprintf("source = %[1]s AND entity = %[2]s AND %[3]s AND id NOT IN (SELECT id FROM quarantine WHERE source = %[1]s AND entity = %[2]s)",
			literal(r.source), literal(r.entity), strings.Join(taken, " AND "))
		if readers[r][0].Model.Type == configs.TypePagerDuty && r.entity == "oncall" {
			all += " AND ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(payload, 'end'), 3, 'UTC') < " + before + ", 0)"
		}
		any = append(any, all)
	}
	return strings.Join(any, " OR ")
}

// restOf is what stays of a payload.
func restOf(feeds []Feed) string {
	var cases []string
	for _, r := range remains {
		var sources []string
		for _, f := range feeds {
			if f.Model.Type == r.typ && !slices.Contains(sources, f.Source) {
				sources = append(sources, f.Source)
			}
		}
		if len(sources) == 0 {
			continue
		}
		when := "source IN (" + literals(sources) + ")"
		if r.entity != "" {
			when += " AND entity = " + literal(r.entity)
		}
		pairs := make([]string, len(r.keys))
		for i, key := range r.keys {
			pairs[i] = fmt.Sprintf("%s, JSONExtractString(payload, %s)", literal(key), literal(key))
		}
		cases = append(cases, when, "toJSONString(map("+strings.Join(pairs, ", ")+"))")
	}
	if len(cases) == 0 {
		return "''"
	}
	return "multiIf(" + strings.Join(cases, ", ") + ", '')"
}
