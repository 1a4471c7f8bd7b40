package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// importFloor is the engine's own way from the CSV into the table.
func importFloor(ctx context.Context, conn driver.Conn, dir string) error {
	names := []string{"number", "short_description", "business_service", "assignment_group", "kind", "type", "risk", "environment", "opened_at",
		"planned_start_date", "planned_end_date", "work_start", "work_end", "closed_at", "state_text", "close_code", "parent", "description"}
	structure := strings.Join(names, " String, ") + " String"
	return conn.Exec(ctx, fmt.Sprintf("INSERT INTO raw_records (source, entity, id, fetched_at, run_id, seq, payload, deleted) "+
		"SELECT 'floor', 'change', number, now64(3), 9, rowNumberInAllBlocks(), formatRowNoNewline('JSONEachRow', %s), 0 FROM file('%s', 'CSVWithNames', '%s')",
		strings.Join(names, ", "), filepath.Join(dir, "changes.csv"), structure))
}

// extracted are the fields that staging reads of each kind of record.
var extracted = []struct{ source, entity, fields string }{
	{pager, "incident", `Tuple(html_url Nullable(String), title Nullable(String), status Nullable(String), created_at Nullable(String), resolved_at Nullable(String), incident_key Nullable(String),
		service Tuple(summary Nullable(String)), teams Array(Tuple(summary Nullable(String))), priority Tuple(summary Nullable(String)), incident_number Nullable(String),
		external_references Array(Tuple(external_id Nullable(String), external_url Nullable(String))),
		resolve_reason Tuple(type Nullable(String), incident Tuple(id Nullable(String))), last_status_change_by Tuple(summary Nullable(String), type Nullable(String)))`},
	{pager, "log_entry", `Tuple(type Nullable(String), created_at Nullable(String), summary Nullable(String), note Nullable(String), incident Tuple(id Nullable(String)),
		agent Tuple(type Nullable(String), summary Nullable(String)), user Tuple(summary Nullable(String), name Nullable(String)), channel Tuple(content Nullable(String), summary Nullable(String)))`},
	{tickets, "issue", `Tuple(key Nullable(String), fields Tuple(assignee Tuple(displayName Nullable(String)), components Array(Tuple(name Nullable(String))), created Nullable(String),
		customfield_10016 Nullable(Float64), customfield_10020 Array(Tuple(name Nullable(String), startDate Nullable(String))), customfield_10024 Tuple(value Nullable(String)), customfield_10028 Tuple(value Nullable(String)),
		customfield_10032 Tuple(value Nullable(String)), customfield_10044 Nullable(String), customfield_10056 Tuple(value Nullable(String)), customfield_10068 Tuple(value Nullable(String)),
		customfield_10072 Nullable(String), customfield_10084 Nullable(String), duedate Nullable(String),
		issuelinks Array(Tuple(type Tuple(name Nullable(String)), inwardIssue Tuple(id Nullable(String), key Nullable(String)), outwardIssue Tuple(id Nullable(String), key Nullable(String)))),
		issuetype Tuple(name Nullable(String)), labels Array(String), parent Tuple(key Nullable(String)), priority Tuple(name Nullable(String)), project Tuple(key Nullable(String)), reporter Tuple(displayName Nullable(String)),
		resolution Tuple(name Nullable(String)), resolutiondate Nullable(String), status Tuple(id Nullable(String), name Nullable(String)), summary Nullable(String),
		comment Tuple(comments Array(Tuple(id String, created Nullable(String), body String, author Tuple(displayName Nullable(String)))))))`},
	{tickets, "changelog", `Tuple(created Nullable(String), author Tuple(displayName Nullable(String), name Nullable(String), accountId Nullable(String), accountType Nullable(String)),
		items Array(Tuple(field Nullable(String), fieldtype Nullable(String), fieldId Nullable(String), "from" Nullable(String), fromString Nullable(String), "to" Nullable(String), toString Nullable(String))))`},
	{tickets, "worklog", `Tuple(issueId Nullable(String), started Nullable(String), timeSpentSeconds Nullable(String), author Tuple(displayName Nullable(String), name Nullable(String)))`},
	{pager, "oncall", `Tuple(user Tuple(id Nullable(String), summary Nullable(String)), schedule Tuple(summary Nullable(String)), escalation_policy Tuple(summary Nullable(String)),
		escalation_level Nullable(String), start Nullable(String), "end" Nullable(String))`},
	{"changes", "change", `Tuple(number Nullable(String), short_description Nullable(String), business_service Nullable(String), assignment_group Nullable(String), kind Nullable(String), type Nullable(String), risk Nullable(String),
		environment Nullable(String), opened_at Nullable(String), planned_start_date Nullable(String), planned_end_date Nullable(String), work_start Nullable(String), work_end Nullable(String), closed_at Nullable(String),
		state_text Nullable(String), close_code Nullable(String), parent Nullable(String))`},
}

// transformFloor is one pass over each kind of record that takes the same fields out of it.
func transformFloor(ctx context.Context, conn driver.Conn) error {
	for _, e := range extracted {
		var sum uint64
		query := fmt.Sprintf("SELECT max(cityHash64(toString(JSONExtract(payload, '%s')))) FROM raw_records WHERE source = '%s' AND entity = '%s'",
			strings.Join(strings.Fields(strings.ReplaceAll(e.fields, `"`, "`")), " "), e.source, e.entity)
		if err := conn.QueryRow(ctx, query).Scan(&sum); err != nil {
			return fmt.Errorf("floor of %s: %w", e.entity, err)
		}
	}
	return nil
}
