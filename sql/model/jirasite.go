package model

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// jiraSite is what a Jira has told of itself: the fields that it knows by name,
// and the address that people open.
type jiraSite struct {
	fields []jiraField
	base   string // empty until it has landed
}

// jiraField is an entry of Jira's list of fields.
type jiraField struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Custom bool   `json:"custom"`
	Schema struct {
		Type string `json:"type"`
	} `json:"schema"`
}

// systemFields are the fields of every Jira, by the names that its English
// screens give them: what is known before a list of fields has landed, and on a
// site of another language.
var systemFields = map[string]string{
	"affects version/s": "versions", "affects versions": "versions", "assignee": "assignee", "attachment": "attachment", "comment": "comment",
	"component/s": "components", "components": "components", "created": "created", "creator": "creator", "description": "description",
	"due date": "duedate", "duedate": "duedate", "environment": "environment", "fix version/s": "fixVersions", "fix versions": "fixVersions",
	"issue type": "issuetype", "issuelinks": "issuelinks", "issuetype": "issuetype", "labels": "labels", "linked issues": "issuelinks", "parent": "parent",
	"priority": "priority", "project": "project", "reporter": "reporter", "resolution": "resolution", "resolutiondate": "resolutiondate",
	"resolved": "resolutiondate", "security": "security", "security level": "security", "status": "status", "subtasks": "subtasks",
	"summary": "summary", "updated": "updated", "versions": "versions", "fixversions": "fixVersions", "votes": "votes", "watches": "watches",
	"timespent": "timespent", "timeestimate": "timeestimate", "timeoriginalestimate": "timeoriginalestimate",
	"aggregatetimespent": "aggregatetimespent", "workratio": "workratio", "statuscategorychangedate": "statuscategorychangedate",
}

// latestOf is the newest version of each landed record of an entity.
const latestOf = `SELECT payload FROM (
    SELECT argMax(payload, (ifNull(updated_at, toDateTime64(0, 3, 'UTC')), seq)) AS payload, argMax(deleted, (ifNull(updated_at, toDateTime64(0, 3, 'UTC')), seq)) AS gone
    FROM raw_records WHERE source = ? AND entity = ? GROUP BY id
) WHERE gone = 0 AND payload != ''`

// readJiraSite reads what has landed; nothing yet is no error.
func readJiraSite(ctx context.Context, conn driver.Conn, source string) (*jiraSite, error) {
	s := &jiraSite{}
	var server struct {
		BaseURL string `json:"baseUrl"`
	}
	if err := eachLatest(ctx, conn, source, "server", func(payload []byte) { json.Unmarshal(payload, &server) }); err != nil {
		return nil, err
	}
	s.base = strings.TrimRight(server.BaseURL, "/")
	err := eachLatest(ctx, conn, source, "field", func(payload []byte) {
		var f jiraField
		if json.Unmarshal(payload, &f) == nil && f.ID != "" {
			f.Custom = f.Custom || strings.HasPrefix(f.ID, "customfield_")
			s.fields = append(s.fields, f)
		}
	})
	// Of several fields with one name the oldest comes first.
	slices.SortFunc(s.fields, func(a, b jiraField) int {
		return cmp.Or(cmp.Compare(a.number(), b.number()), cmp.Compare(a.ID, b.ID))
	})
	return s, err
}

func (f jiraField) number() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(f.ID, "customfield_"))
	return n
}

// eachLatest hands over the current payload of every record; one that is no
// JSON says nothing.
func eachLatest(ctx context.Context, conn driver.Conn, source, entity string, use func([]byte)) error {
	rows, err := conn.Query(ctx, latestOf, source, entity)
	if err != nil {
		return fmt.Errorf("read the %s records of %s: %w", entity, source, err)
	}
	defer rows.Close()
	for rows.Next() {
		var payload string
		if err := rows.Scan(&payload); err != nil {
			return err
		}
		use([]byte(payload))
	}
	return rows.Err()
}

// paths are the places in an issue that a name in the config means: its id or
// key, a field by id or name, or a dotted path into one. None: the site has no
// such field.
func (s *jiraSite) paths(name string) [][]string {
	if name == "key" || name == "id" {
		return [][]string{{name}}
	}
	if ids := s.named(name); len(ids) > 0 {
		return below(ids, nil)
	}
	head, tail, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil
	}
	if head == "fields" {
		return s.paths(tail)
	}
	return below(s.named(head), strings.Split(tail, "."))
}

func below(ids, tail []string) [][]string {
	var out [][]string
	for _, id := range ids {
		out = append(out, append([]string{"fields", id}, tail...))
	}
	return out
}

// named finds the ids of the fields with this id or name.
func (s *jiraSite) named(name string) []string {
	if strings.HasPrefix(name, "customfield_") {
		return []string{name}
	}
	var custom []string
	for _, f := range s.fields {
		switch {
		case !f.Custom && (f.ID == name || strings.EqualFold(f.Name, name)):
			return []string{f.ID}
		case f.Custom && strings.EqualFold(f.Name, name):
			custom = append(custom, f.ID)
		}
	}
	if id := systemFields[strings.ToLower(name)]; id != "" {
		return []string{id}
	}
	return custom
}
