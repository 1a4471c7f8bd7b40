package model

import (
	"fmt"
	"strings"
	"testing"
)

// one stages a record of a source with these fields and compares the columns.
func oneRecord(t *testing.T, options, fields, payload, columns, want string) {
	t.Helper()
	s := newSite(t, fmt.Sprintf("\n  - {name: x, type: file, entity: incident, %s, fields: {id: id, created_at: {from: opened}, %s}}\n", options, fields))
	s.land(1, strings.Replace(payload, "{", `{"id":"1","opened":"2026-10-01",`, 1))
	s.stage(false)
	s.want(held)
	s.want("SELECT "+columns+" FROM stg_incidents FINAL", want)
}

func TestStageFields(t *testing.T) {
	for name, c := range map[string]struct{ options, fields, payload, columns, want string }{
		"a text is trimmed": {"path: x.csv", "title: t", `{"t":"  slow \t"}`, "title, key", "slow | 1"},
		"null markers are no value": {`path: x.csv, nulls: ["", "NULL", "-"]`, "title: t, url: u, resolved_at: r, reopen_count: n, customer_impact: f, services: {from: s, split: \",\"}",
			`{"t":"NULL","u":" - ","r":"-","n":"NULL","f":"-","s":"a, NULL,-"}`, "title, url, resolved_at, reopen_count, customer_impact, services", " |  | NULL | NULL | NULL | ['a']"},
		"a missing column is no value":  {"path: x.csv", "title: t, reopen_count: n", `{"z":""}`, "title, reopen_count", " | NULL"},
		"the first that says something": {"path: x.csv", "title: {from: [a, b, c]}", `{"a":" ","b":"second","c":"third"}`, "title", "second"},
		"a fixed value":                 {"path: x.csv", "environment: {value: production}, severity: {value: 2}, services: {value: a}", `{"z":""}`, "environment, severity, services", "production | 2 | ['a']"},
		"a fixed null marker stays":     {`path: x.csv, nulls: ["-"]`, `environment: {value: "-"}`, `{"z":""}`, "environment", "-"},
		"a map, and what it leaves": {"path: x.csv", "severity: {from: p, map: {High: 2}}, cause: {from: c, map: {cfg: config}}, environment: {from: e, map: {PRD: production}}",
			`{"p":"High","c":"network","e":"PRD"}`, "severity, cause, environment, unmapped", "2 | network | production | []"},
		"a value that no map covers": {"path: x.csv", "severity: {from: p, map: {High: 2}}", `{"p":"Höchste=1"}`, "severity, unmapped", "0 | ['severity=Höchste=1']"},
		"nothing is not unmapped":    {"path: x.csv", "severity: {from: p, map: {High: 2}}", `{"p":""}`, "severity, unmapped", "0 | []"},
		"a severity by itself":       {"path: x.csv", "severity: p", `{"p":"4"}`, "severity, unmapped", "4 | []"},
		"no severity":                {"path: x.csv", "severity: p", `{"p":"6"}`, "severity, unmapped", "0 | ['severity=6']"},
		"default for missing and for unmapped": {"path: x.csv", "severity: {from: p, map: {High: 2}, default: 3}, cause: {from: c, default: unknown}, environment: {from: e, map: {P: production}, default: other}",
			`{"p":"Low","e":""}`, "severity, cause, environment, unmapped", "3 | unknown | other | []"},
		"a map to nothing":                {"path: x.csv", `cause: {from: c, map: {"n/a": ""}}, merged_into: {from: m, map: {none: ""}, default: x}`, `{"c":"n/a","m":"none"}`, "cause, merged_into", " | x"},
		"numbers":                         {"path: x.csv", "reopen_count: a, reassignment_count: b", `{"a":"0","b":"17"}`, "reopen_count, reassignment_count", "0 | 17"},
		"a number of JSON":                {"path: x.jsonl", "reopen_count: a, title: n", `{"a":3,"n":1.50}`, "reopen_count, title", "3 | 1.5"},
		"flags":                           {"path: x.csv", "major: a, customer_impact: b, exercise: c", `{"a":"YES","b":"f","c":"1"}`, "major, customer_impact, exercise", "1 | 0 | 1"},
		"flags of JSON":                   {"path: x.jsonl", "major: a, customer_impact: b, exercise: c", `{"a":true,"b":false,"c":null}`, "major, customer_impact, exercise", "1 | 0 | 0"},
		"a flag by a map":                 {"path: x.csv", "customer_impact: {from: c, map: {Everyone: true, Nobody: false}}, exercise: {from: k, map: {Drill: true}, default: false}", `{"c":"Nobody","k":"Incident"}`, "customer_impact, exercise", "0 | 0"},
		"an exercise that says nothing":   {"path: x.csv", "exercise: c", `{"c":"maybe"}`, "exercise", "0"},
		"a list is cut and cleaned":       {"path: x.csv", `services: {from: s, split: ";"}`, `{"s":" a ;b;;a; b c "}`, "services", "['a','b','b c']"},
		"a list of one":                   {"path: x.csv", "services: s", `{"s":"a, b"}`, "services", "['a, b']"},
		"an empty list":                   {"path: x.csv", `services: {from: s, split: ";"}, teams: {from: t, default: nobody}`, `{"s":"","t":""}`, "services, teams", "[] | ['nobody']"},
		"a list by a map":                 {"path: x.csv", `services: {from: s, split: "|", map: {old: new, gone: new}}`, `{"s":"old|gone|other"}`, "services", "['new','other']"},
		"a JSON array":                    {"path: x.jsonl", "services: s, teams: t", `{"s":["a"," b ","a",""],"t":[]}`, "services, teams", "['a','b'] | []"},
		"a JSON array of numbers":         {"path: x.jsonl", "services: s", `{"s":[1,2]}`, "services", "['1','2']"},
		"a JSON text that is cut":         {"path: x.jsonl", `services: {from: s, split: ","}`, `{"s":"a,b"}`, "services", "['a','b']"},
		"a JSON text in brackets":         {"path: x.jsonl", "services: s", `{"s":"[EU] checkout"}`, "services", "['[EU] checkout']"},
		"a CSV text in brackets":          {"path: x.csv", "services: s", `{"s":"[EU] checkout"}`, "services", "['[EU] checkout']"},
		"a CSV column that is repeated":   {"path: x.csv", "services: s, title: t", `{"s":["a","","b"],"t":"x"}`, "services, title", "['a','b'] | x"},
		"a dotted path":                   {"path: x.jsonl", "title: fields.summary, url: links.self.href", `{"fields":{"summary":"deep"},"links":{"self":{"href":"https://x"}}}`, "title, url", "deep | https://x"},
		"a path that begins another":      {"path: x.jsonl", "title: a.b, url: a.b.c, cause: a.d", `{"a":{"b":{"c":"inner"},"d":"beside"}}`, "title, url, cause", `{"c":"inner"} | inner | beside`},
		"a text where an object may be":   {"path: x.jsonl", "title: a.b, url: a.b.c", `{"a":{"b":"text"}}`, "title, url", "text | "},
		"nothing where an object is":      {"path: x.jsonl", "title: a.b.c, url: a.d", `{"a":null}`, "title, url", " | "},
		"a dot in a column's name":        {"path: x.csv", "title: fields.summary, url: fields", `{"fields.summary":"literal","fields":"f"}`, "title, url", "literal | f"},
		"attributes, without empty ones":  {"path: x.csv, attributes: {region: r, none: n}", "title: t", `{"t":"x","r":"eu","n":""}`, "attributes", "{'region':'eu'}"},
		"one column for two fields":       {"path: x.csv", "title: t, cause: {from: t, map: {a: b}}", `{"t":"a"}`, "title, cause", "a | b"},
		"columns of other languages":      {"path: x.csv", "title: Störung, url: 标题", `{"Störung":"ü","标题":"é"}`, "title, url", "ü | é"},
		"a quoted line break in a column": {"path: x.csv", "title: t", `{"t":"two\nlines"}`, "length(title)", "9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneRecord(t, c.options, c.fields, c.payload, c.columns, c.want)
		})
	}
}

// Words of a change: what is none of them is reported.
func TestStageWordsOfAChange(t *testing.T) {
	s := newSite(t, `
  - name: changes
    type: file
    entity: change
    path: x.csv
    fields: {id: id, kind: k, type: {from: t, map: {Std: standard}}, outcome: {from: o, map: {OK: successful}}, labels: {from: l, split: " "}, caused_incidents: {from: i, split: ","}}
`)
	s.land(1, `{"id":"1","k":"Deployment","t":"Std","o":"OK","l":"a b","i":"INC1,INC2"}`, `{"id":"2","k":"magic","t":"NORMAL","o":"exploded","l":"","i":""}`)
	s.wantStage(false, "1 runs, rebuilt")
	s.want("SELECT id, kind, type, outcome, labels, caused_incidents, unmapped FROM stg_changes FINAL ORDER BY id",
		"1 | deployment | standard | successful | ['a','b'] | ['INC1','INC2'] | []",
		"2 |  | normal |  | [] | [] | ['kind=magic','outcome=exploded']")
}

// What a field cannot be sends its record to quarantine.
func TestStageUnreadableValues(t *testing.T) {
	s := newSite(t, "\n  - {name: x, type: file, entity: incident, path: x.csv, fields: {id: id, created_at: c, reopen_count: n, customer_impact: f}}\n")
	s.land(1,
		`{"id":"1","c":"2026-10-01","n":"-1"}`, `{"id":"2","c":"2026-10-01","n":"1.5"}`, `{"id":"3","c":"2026-10-01","n":"many"}`, `{"id":"4","c":"2026-10-01","n":"99999999999"}`,
		`{"id":"5","c":"2026-10-01","f":"perhaps"}`, `{"id":"6","c":"03/02/2016"}`, `{"id":"7","c":"2026-13-01"}`, `{"id":"8","c":"1790000000"}`, `{"id":"9","c":"2026-02-30 10:00"}`)
	s.wantStage(false, "1 runs, rebuilt, 9 quarantined")
	s.want("SELECT id, reason FROM quarantine ORDER BY id",
		`1 | reopen_count: "-1" is not a whole number`, `2 | reopen_count: "1.5" is not a whole number`, `3 | reopen_count: "many" is not a whole number`, `4 | reopen_count: "99999999999" is not a whole number`,
		`5 | customer_impact: "perhaps" is not true or false`, `6 | created_at: "03/02/2016" is not a time in iso`, `7 | created_at: "2026-13-01" is not a time in iso`, `8 | created_at: "1790000000" is not a time in iso`, `9 | created_at: "2026-02-30 10:00" is not a time in iso`)
}

// Texts and names that mean something in SQL mean nothing here.
func TestStageHostileNames(t *testing.T) {
	s := newSite(t, `
  - name: x
    type: file
    entity: incident
    path: x.csv
    nulls: ["", "it's null", 'back\slash']
    where: {'we''ird "name': ["o'k", 'b\']}
    fields:
      id: id
      created_at: opened
      title: 'we''ird "name'
      url: 'back`+"`"+`tick'
      cause: {from: 'back\slash', map: {"it's": 'a\b', '\': "quote'"}, default: "') FROM system.one --"}
      resolved_by: "'; DROP TABLE stg_incidents; --"
      services: {from: list, split: "'", map: {"\\": "b\\s"}}
      environment: {value: "{as_of:String} ? $1 {{x}}"}
    attributes: {"na'me\\": 'we''ird "name', "tick`+"`"+`": nothing}
`)
	s.land(1, `{"id":"1","opened":"2026-10-01","we'ird \"name":"o'k","back`+"`"+`tick":"u","back\\slash":"it's","'; DROP TABLE stg_incidents; --":"it's null","list":"a'\\'c"}`,
		`{"id":"2","opened":"2026-10-01","we'ird \"name":"b\\","back\\slash":"\\","'; DROP TABLE stg_incidents; --":"x'; --"}`,
		`{"id":"3","opened":"2026-10-01","we'ird \"name":"no","back\\slash":"other"}`,
		`{"id":"4","opened":"it's \\ no time","we'ird \"name":"o'k"}`)
	s.wantStage(false, "1 runs, rebuilt, 1 quarantined")
	s.want("SELECT id, filtered, title, url, cause, resolved_by, services, environment, attributes FROM stg_incidents FINAL ORDER BY id",
		`1 | 0 | o'k | u | a\b |  | ['a','b\\s','c'] | {as_of:String} ? $1 {{x}} | {'na\'me\\':'o\'k'}`,
		`2 | 0 | b\ |  | quote' | x'; -- | [] | {as_of:String} ? $1 {{x}} | {'na\'me\\':'b\\'}`,
		`3 | 1 | no |  | ') FROM system.one -- |  | [] | {as_of:String} ? $1 {{x}} | {'na\'me\\':'no'}`)
	s.want("SELECT reason FROM quarantine", `created_at: "it's \ no time" is not a time in iso`)
}
