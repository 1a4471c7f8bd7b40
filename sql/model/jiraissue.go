package model

import (
	"fmt"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// jiraIssue is what decides, in an issue, what it is for and what it points to.
type jiraIssue struct {
	key, project, typ, labels, links *leaf
}

// issueLinks is the form of an issue's links.
const issueLinks = "Array(Tuple(type Tuple(name String, inward String, outward String), inwardIssue Tuple(id String, key String), outwardIssue Tuple(id String, key String)))"

func (c *apiColumns) issue() *jiraIssue {
	return &jiraIssue{
		key:     c.use([]string{"key"}, anyValue),
		project: c.use([]string{"fields", "project", "key"}, anyValue),
		typ:     c.use([]string{"fields", "issuetype"}, anyValue),
		labels:  c.use([]string{"fields", "labels"}, anyValue),
		links:   c.use([]string{"fields", "issuelinks"}, issueLinks),
	}
}

// sql returns the texts that decide, and the columns made of them. Where no
// field is mapped to url, it is the address that the site states of itself.
func (i *jiraIssue) sql(src *configs.Source, site *jiraSite, hasURL bool) (below, columns []string) {
	below = []string{
		"ifNull(" + i.key.text() + ", '') AS issue_key",
		"ifNull(" + i.project.text() + ", '') AS issue_project",
		"ifNull(" + i.typ.text() + ", '') AS issue_type",
		i.labels.list() + " AS issue_labels",
		i.links.expr + " AS issue_links",
		ends + " AS issue_ends",
	}
	columns = []string{role(src) + " AS role", links(src) + " AS links"}
	switch {
	case hasURL:
	case site.base == "":
		columns = append(columns, "'' AS url")
	default:
		columns = append(columns, fmt.Sprintf("if(issue_key = '', '', concat(%s, issue_key)) AS url", literal(site.base+"/browse/")))
	}
	return below, columns
}

// role is what an issue is, by the first rule of the config that fits.
func role(src *configs.Source) string {
	var cases []string
	for _, r := range src.Issues {
		var all []string
		if len(r.Project) > 0 {
			all = append(all, "issue_project IN ("+literals(r.Project)+")")
		}
		if len(r.Type) > 0 {
			lower := make([]string, len(r.Type))
			for i, t := range r.Type {
				lower[i] = strings.ToLower(t)
			}
			all = append(all, "lowerUTF8(issue_type) IN ("+literals(lower)+")")
		}
		if len(r.Label) > 0 {
			all = append(all, "hasAny(issue_labels, ["+literals(r.Label)+"])")
		}
		if r.JQL != "" {
			all = append(all, "id IN ("+matching(src.Name, r.JQL)+")")
		}
		if len(all) == 0 {
			all = []string{"1"}
		}
		cases = append(cases, "deleted = 0 AND "+strings.Join(all, " AND ")+", "+literal(r.Is))
	}
	if len(cases) == 0 {
		return "'ticket'"
	}
	return "multiIf(\n        " + strings.Join(cases, ",\n        ") + ",\n        'ticket')"
}

// matching are the ids of the issues that a rule's JQL fits now.
func matching(source, jql string) string {
	return fmt.Sprintf("SELECT arrayJoin(JSONExtract(argMax(payload, seq), 'issues', 'Array(String)')) FROM raw_records WHERE source = %s AND entity = 'rule_match' AND id = %s",
		literal(source), literal(jql))
}

// ends are an issue's links as `<this> <words> <other>`: (words, whether they are
// the inward ones, key and id of the other, the names of the link's type).
const ends = `arrayConcat(
            arrayMap(l -> (lowerUTF8(l.type.inward), 1, l.inwardIssue.key, l.inwardIssue.id, [lowerUTF8(l.type.name), lowerUTF8(l.type.inward), lowerUTF8(l.type.outward)]),
                arrayFilter(l -> l.inwardIssue.key != '' OR l.inwardIssue.id != '', issue_links)),
            arrayMap(l -> (lowerUTF8(l.type.outward), 0, l.outwardIssue.key, l.outwardIssue.id, [lowerUTF8(l.type.name), lowerUTF8(l.type.inward), lowerUTF8(l.type.outward)]),
                arrayFilter(l -> l.outwardIssue.key != '' OR l.outwardIssue.id != '', issue_links)))`

// links gives the ends of a type that the config calls causing or repeating a
// kind of ours. Which way it points is in its words; where they do not say it,
// the inward ones are the passive ones, as everywhere in Jira.
func links(src *configs.Source) string {
	var cases []string
	for _, t := range []struct {
		names                     []string
		is, passive, word, active string
	}{
		{src.LinkTypes.Caused, "caused? by|due to", "caused_by", "cause", "causes"},
		{src.LinkTypes.Duplicates, "duplicated? by", "duplicated_by", "duplicate", "duplicates"},
	} {
		if len(t.names) == 0 {
			continue
		}
		lower := make([]string, len(t.names))
		for i, n := range t.names {
			lower[i] = strings.ToLower(n)
		}
		cases = append(cases, fmt.Sprintf("hasAny(e.5, [%s]), multiIf(match(e.1, %s), %s, match(e.1, %s), %s, e.2 = 1, %s, %s)", literals(lower),
			literal(t.is), literal(t.passive), literal(t.word), literal(t.active), literal(t.passive), literal(t.active)))
	}
	kind := "e.1"
	if len(cases) > 0 {
		kind = "multiIf(\n        " + strings.Join(cases, ",\n        ") + ",\n        e.1)"
	}
	return "CAST(arrayMap(e -> (" + kind + ", e.3, e.4), issue_ends), 'Array(Tuple(kind String, key String, id String))')"
}
