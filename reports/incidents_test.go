package reports

import (
	"maps"
)

func init() {
	plainTables = append(plainTables,
		`CREATE TABLE IF NOT EXISTS incident_events (incident_id String, source String, at DateTime64(3, 'UTC'), kind String, actor String, detail String, basis String) ENGINE = MergeTree ORDER BY (incident_id, at)`,
		`CREATE TABLE IF NOT EXISTS ticket_transitions (ticket_id String, source String, event_id String, position UInt32, at DateTime64(3, 'UTC'), actor String, field String, from_id String, from_value String,
			to_id String, to_value String, from_category String, to_category String, kind String) ENGINE = MergeTree ORDER BY (ticket_id, position)`,
		`CREATE TABLE IF NOT EXISTS postmortems (id String, source String, key String, url String, title String, incident_ids Array(String), created_at Nullable(DateTime64(3, 'UTC')),
			resolved_at Nullable(DateTime64(3, 'UTC')), status String, owner String) ENGINE = MergeTree ORDER BY id`,
		`ALTER TABLE action_items ADD COLUMN IF NOT EXISTS key String`, `ALTER TABLE action_items ADD COLUMN IF NOT EXISTS url String`, `ALTER TABLE action_items ADD COLUMN IF NOT EXISTS title String`,
		`ALTER TABLE action_items ADD COLUMN IF NOT EXISTS owner String`, `ALTER TABLE action_items ADD COLUMN IF NOT EXISTS due_on Nullable(Date)`,
		`ALTER TABLE tickets ADD COLUMN IF NOT EXISTS status String`, `ALTER TABLE tickets ADD COLUMN IF NOT EXISTS status_category String`, `ALTER TABLE tickets ADD COLUMN IF NOT EXISTS assignee String`)
	maps.Copy(recounts, map[string]recount{})
}
