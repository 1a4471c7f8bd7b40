package jiraapi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type test func(*document) bool

// matcher turns a query into a test of documents. It refuses what Jira's
// validation refuses: fields, projects, statuses and dates that it cannot read.
type matcher struct {
	*call
	relative bool // the query names a time that moves with the clock
}

func (m *matcher) node(n *node) (test, error) {
	if n == nil {
		return func(*document) bool { return true }, nil
	}
	if n.op == "" {
		return m.clause(n.clause)
	}
	tests := make([]test, len(n.of))
	for i, part := range n.of {
		var err error
		if tests[i], err = m.node(part); err != nil {
			return nil, err
		}
	}
	switch {
	case n.op == "not":
		return func(d *document) bool { return !tests[0](d) }, nil
	case len(tests) == 1:
		return tests[0], nil
	case n.op == "and":
		return func(d *document) bool {
			for _, t := range tests {
				if !t(d) {
					return false
				}
			}
			return true
		}, nil
	}
	return func(d *document) bool {
		for _, t := range tests {
			if t(d) {
				return true
			}
		}
		return false
	}, nil
}

func (m *matcher) clause(c clause) (test, error) {
	name := strings.ToLower(c.field)
	switch name {
	case "created", "createddate":
		return m.date(c, func(d *document) time.Time { return d.created })
	case "updated", "updateddate":
		return m.date(c, func(d *document) time.Time { return d.updated })
	case "id", "key", "issuekey", "issue":
		return m.issues(c)
	case "project":
		for _, v := range c.values {
			if !m.index.projects[strings.ToLower(v.text)] && c.op != "is" && c.op != "is not" {
				return nil, m.noSuchValue(v.text, c.field)
			}
		}
		return m.words(c, func(d *document) []string { return d.projectIs })
	case "issuetype", "type":
		return m.words(c, func(d *document) []string { return d.typeIs })
	case "labels":
		return m.words(c, func(d *document) []string { return d.labels })
	case "status":
		if err := m.statuses(c); err != nil {
			return nil, err
		}
		return m.words(c, func(d *document) []string { return d.statusIs })
	case "statuscategory":
		return m.words(c, func(d *document) []string { return d.categoryIs })
	}
	id, err := m.field(c.field)
	if err != nil {
		return nil, err
	}
	return m.words(c, func(d *document) []string { return folded(d.words(id)) })
}

var customField = regexp.MustCompile(`(?i)^cf\[(\d+)\]$`)

// field finds a field by its name in JQL, which for custom ones is the name, the
// id or cf[10042].
func (m *matcher) field(name string) (string, error) {
	switch lower := strings.ToLower(name); lower {
	case "priority", "resolution", "assignee", "reporter", "parent":
		return lower, nil
	case "component":
		return "components", nil
	case "fixversion":
		return "fixVersions", nil
	}
	if n := customField.FindStringSubmatch(name); n != nil {
		name = "customfield_" + n[1]
	}
	for _, f := range m.site.Fields {
		if strings.EqualFold(f.Name, name) || f.ID == name {
			return f.ID, nil
		}
	}
	return "", invalid(fmt.Sprintf("Field '%s' does not exist or you do not have permission to view it.", name))
}

func (m *matcher) noSuchValue(value, field string) error {
	return invalid(fmt.Sprintf("The value '%s' does not exist for the field '%s'.", value, field))
}

func (m *matcher) statuses(c clause) error {
	if len(m.site.Statuses) == 0 || c.op == "is" || c.op == "is not" {
		return nil
	}
	for _, v := range c.values {
		if _, ok := m.index.pen.categories[strings.ToLower(v.text)]; !ok {
			return m.noSuchValue(v.text, c.field)
		}
	}
	return nil
}

// words compares texts without case. As in Jira, != and NOT IN leave out the
// issues in which the field is empty.
func (m *matcher) words(c clause, of func(*document) []string) (test, error) {
	var want []string
	for _, v := range c.values {
		word := strings.ToLower(v.text)
		if word == "empty" && !v.quoted || word == "null" && !v.quoted {
			word = ""
		}
		want = append(want, word)
	}
	has := func(d *document) bool {
		words := of(d)
		for _, w := range want {
			if w == "" && len(words) == 0 || w != "" && slices.Contains(words, w) {
				return true
			}
		}
		return false
	}
	switch c.op {
	case "=", "in":
		return has, nil
	case "!=", "not in":
		return func(d *document) bool { return !has(d) && len(of(d)) > 0 }, nil
	case "is", "is not":
		if want[0] != "" {
			return nil, jqlError("The operator '%s' compares the field '%s' with EMPTY only.", c.op, c.field)
		}
		is := c.op == "is"
		return func(d *document) bool { return (len(of(d)) == 0) == is }, nil
	}
	return nil, jqlError("The operator '%s' is not supported by the '%s' field.", c.op, c.field)
}

// issues compares issues by id or key, which are one field in Jira. > and < look
// at the number in the key and stay inside the project of the issue that is
// named: they do not page through a whole site. Cloud finds nothing where an
// issue does not exist, Data Center refuses the query.
func (m *matcher) issues(c clause) (test, error) {
	var named []*entry
	for _, v := range c.values {
		e := m.index.issue(v.text, false)
		if e == nil && !m.site.Cloud && m.index.issue(v.text, true) == nil {
			if _, err := strconv.ParseInt(v.text, 10, 64); err == nil {
				return nil, invalid(fmt.Sprintf("A value with ID '%s' does not exist for the field '%s'.", v.text, c.field))
			}
			return nil, invalid(fmt.Sprintf("An issue with key '%s' does not exist for field '%s'.", v.text, c.field))
		}
		if e != nil {
			named = append(named, e)
		}
	}
	ids := map[string]bool{}
	for _, e := range named {
		ids[e.now.id] = true
	}
	holds := func(order int) bool { return false }
	switch c.op {
	case "=", "in":
		return func(d *document) bool { return ids[d.id] }, nil
	case "!=", "not in":
		return func(d *document) bool { return !ids[d.id] }, nil
	case "<":
		holds = func(order int) bool { return order < 0 }
	case "<=":
		holds = func(order int) bool { return order <= 0 }
	case ">":
		holds = func(order int) bool { return order > 0 }
	case ">=":
		holds = func(order int) bool { return order >= 0 }
	default:
		return nil, jqlError("The operator '%s' is not supported by the '%s' field.", c.op, c.field)
	}
	return func(d *document) bool {
		for _, e := range named {
			if d.project == e.now.project && holds(cmp.Compare(d.keyNumber, e.now.keyNumber)) {
				return true
			}
		}
		return false
	}, nil
}

func (m *matcher) date(c clause, of func(*document) time.Time) (test, error) {
	at, err := m.moment(c)
	if err != nil {
		return nil, err
	}
	switch c.op {
	case "<":
		return func(d *document) bool { return of(d).Before(at) }, nil
	case "<=":
		return func(d *document) bool { return !of(d).After(at) }, nil
	case ">":
		return func(d *document) bool { return of(d).After(at) }, nil
	case ">=":
		return func(d *document) bool { return !of(d).Before(at) }, nil
	}
	return nil, jqlError("this Jira compares the field '%s' with >, >=, < and <= only.", c.field)
}

var (
	dateLayouts = []string{"2006/01/02 15:04", "2006-01-02 15:04", "2006/01/02", "2006-01-02"}
	period      = regexp.MustCompile(`^[+-]?(\s*\d+[wdhm])+$`)
	periodPart  = regexp.MustCompile(`(\d+)([wdhm])`)
)

// moment reads a date in the zone of the account that asks. An unquoted number
// is milliseconds since 1970, whatever the zone.
func (m *matcher) moment(c clause) (time.Time, error) {
	v := c.values[0]
	if n, err := strconv.ParseInt(v.text, 10, 64); err == nil && !v.quoted {
		return time.UnixMilli(n), nil
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, v.text); err == nil {
			return wall(t, m.zone), nil
		}
	}
	if period.MatchString(v.text) {
		m.relative = true
		var all time.Duration
		for _, part := range periodPart.FindAllStringSubmatch(v.text, -1) {
			n, _ := strconv.Atoi(part[1])
			unit := map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}[part[2]]
			all += time.Duration(n) * unit
		}
		if v.text[0] == '-' {
			all = -all
		}
		return m.now.Add(all), nil
	}
	return time.Time{}, invalid(fmt.Sprintf("Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", v.text, c.field))
}

// wall is a wall clock's time in a zone. Of an hour that comes twice it is the
// first one; a time that was skipped is moved on by the gap, as in Java.
func wall(t time.Time, zone *time.Location) time.Time {
	_, before := t.Add(-24 * time.Hour).In(zone).Zone()
	_, after := t.Add(24 * time.Hour).In(zone).Zone()
	early := t.Add(-time.Duration(before) * time.Second)
	late := t.Add(-time.Duration(after) * time.Second)
	if _, offset := late.In(zone).Zone(); offset == after && before != after {
		if _, offset := early.In(zone).Zone(); offset != before {
			return late
		}
	}
	return early
}
