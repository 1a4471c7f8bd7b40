package forget

import (
	"strings"
)

// person is one way in which a record names a person.
type person struct {
	ids   []string // that stand for nobody else: ids, keys, logins, addresses
	names []string // that another may share
}

// personal are the members of an object that name a person, by vendor.
var (
	jiraIDs      = []string{"accountId", "key", "name", "emailAddress"}
	pagerdutyIDs = []string{"id", "email"}
)

// personOf reads an object that stands for a person: a user of Jira, or a user or a reference to one of PagerDuty.
func personOf(o map[string]any) (p person, ok bool) {
	text := func(name string) string {
		s, _ := o[name].(string)
		return s
	}
	switch typ := text("type"); {
	case typ == "user" || typ == "user_reference":
		p.add(&p.ids, text, pagerdutyIDs...)
		p.add(&p.names, text, "name", "summary")
	case text("displayName") != "" || text("accountId") != "" || text("emailAddress") != "":
		p.add(&p.ids, text, jiraIDs...)
		p.add(&p.names, text, "displayName")
	default:
		return p, false
	}
	return p, len(p.ids) > 0 || len(p.names) > 0
}

func (p *person) add(to *[]string, text func(string) string, names ...string) {
	for _, name := range names {
		if t := strings.TrimSpace(text(name)); t != "" {
			*to = append(*to, t)
		}
	}
}

// movedPersons are those that an entry of Jira's changelog names: the ids in from and to, the names beside them.
func movedPersons(o map[string]any) []person {
	field, _ := o["field"].(string)
	switch field {
	case "assignee", "reporter", "Approvers":
	default:
		return nil
	}
	var found []person
	for _, pair := range [][2]string{{"from", "fromString"}, {"to", "toString"}} {
		id, _ := o[pair[0]].(string)
		name, _ := o[pair[1]].(string)
		if id != "" && name != "" {
			found = append(found, person{ids: []string{id}, names: []string{name}})
		}
	}
	return found
}

// key is a name as it is compared.
func key(text string) string { return strings.Join(Words(text), " ") }

// connect finds what else the persons that bear one of the names are called. A shared address or id connects, a
// name that was only found does not: another may bear it.
func connect(persons []person, typed []string) (found []string) {
	ids, asked, known := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range typed {
		asked[key(t)], known[key(t)] = true, true
	}
	taken := make([]bool, len(persons))
	for grew := true; grew; {
		grew = false
		for i, p := range persons {
			if taken[i] || !p.any(ids, asked) {
				continue
			}
			taken[i], grew = true, true
			for _, id := range p.ids {
				ids[key(id)] = true
			}
			for _, text := range append(append([]string{}, p.ids...), p.names...) {
				if k := key(text); k != "" && !known[k] {
					known[k] = true
					found = append(found, text)
				}
			}
		}
	}
	return found
}

func (p person) any(ids, asked map[string]bool) bool {
	for _, id := range p.ids {
		if k := key(id); ids[k] || asked[k] {
			return true
		}
	}
	for _, name := range p.names {
		if asked[key(name)] {
			return true
		}
	}
	return false
}
