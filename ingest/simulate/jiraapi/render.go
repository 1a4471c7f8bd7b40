package jiraapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const timeLayout = "2006-01-02T15:04:05.000-0700"

// pen writes JSON in the site's dialect, appending to a buffer.
type pen struct {
	cloud bool
	base  string
	zone  *time.Location

	categories map[string]string // key of the category by a status's name or id, folded
}

func newPen(site *Site, zone *time.Location) pen {
	p := pen{cloud: site.Cloud, base: site.BaseURL, zone: zone, categories: map[string]string{}}
	for _, s := range site.Statuses {
		p.categories[strings.ToLower(s.Name)] = s.Category
		p.categories[s.ID] = s.Category
	}
	return p
}

// same tells whether the other one writes an issue in the same way.
func (p pen) same(o pen) bool {
	return p.cloud == o.cloud && p.base == o.base && p.zone.String() == o.zone.String() && maps.Equal(p.categories, o.categories)
}

func quote(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text) // what is no UTF-8 is replaced
	return b
}

func member(b []byte, name, text string) []byte {
	if last := b[len(b)-1]; last != '{' {
		b = append(b, ',')
	}
	b = append(quote(b, name), ':')
	return quote(b, text)
}

func orNull(b []byte, name, text string) []byte {
	if text != "" {
		return member(b, name, text)
	}
	return append(append(append(b, ',', '"'), name...), `":null`...)
}

// time writes a time as Jira does, in the zone of the account that asks.
func (p pen) time(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.In(p.zone).AppendFormat(b, timeLayout)
	return append(b, '"')
}

func (p pen) user(b []byte, u User) []byte {
	if u.AccountID == "" && u.Name == "" {
		return append(b, "null"...)
	}
	b = append(b, '{')
	if p.cloud {
		b = member(b, "self", p.base+"/rest/api/2/user?accountId="+u.AccountID)
		b = member(b, "accountId", u.AccountID)
		kind := "atlassian"
		if u.App {
			kind = "app"
		}
		b = member(b, "accountType", kind)
	} else {
		b = member(b, "self", p.base+"/rest/api/2/user?username="+u.AccountID)
		b = member(b, "name", u.AccountID)
		b = member(b, "key", u.AccountID)
	}
	if u.Email != "" {
		b = member(b, "emailAddress", u.Email)
	}
	b = member(b, "displayName", u.Name)
	b = append(b, `,"active":true`...)
	if u.Zone != "" {
		b = member(b, "timeZone", u.Zone)
	}
	return append(b, '}')
}

// person writes a member that is left out when there is nobody.
func (p pen) person(b []byte, name string, u User) []byte {
	if u.AccountID == "" && u.Name == "" {
		return b
	}
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return p.user(append(quote(b, name), ':'), u)
}

var categories = map[string]struct{ id, name, color string }{
	"undefined":     {"1", "No Category", "medium-gray"},
	"new":           {"2", "To Do", "blue-gray"},
	"done":          {"3", "Done", "green"},
	"indeterminate": {"4", "In Progress", "yellow"},
}

// categoryWords are the words of JQL for a status category, folded.
func categoryWords(key string) []string {
	c, ok := categories[key]
	if !ok {
		key, c = "undefined", categories["undefined"]
	}
	return []string{key, c.id, strings.ToLower(c.name)}
}

func (p pen) status(b []byte, s Status) []byte {
	b = member(append(b, '{'), "self", p.base+"/rest/api/2/status/"+s.ID)
	b = member(b, "description", "")
	b = member(b, "iconUrl", p.base+"/images/icons/statuses/generic.png")
	b = member(b, "name", s.Name)
	b = member(b, "id", s.ID)
	c, ok := categories[s.Category]
	key := s.Category
	if !ok {
		key, c = "undefined", categories["undefined"]
	}
	b = append(b, `,"statusCategory":{`...)
	b = member(b, "self", p.base+"/rest/api/2/statuscategory/"+c.id)
	b = append(append(b, `,"id":`...), c.id...)
	b = member(b, "key", key)
	b = member(b, "colorName", c.color)
	b = member(b, "name", c.name)
	return append(b, "}}"...)
}

// text writes a long text: a string, or in version 3 a document around it.
func text(b []byte, rich bool, words string) []byte {
	if !rich {
		return quote(b, words)
	}
	b = append(b, `{"type":"doc","version":1,"content":[`...)
	if words != "" {
		b = quote(append(b, `{"type":"paragraph","content":[{"type":"text","text":`...), words)
		b = append(b, `}]}`...)
	}
	return append(b, "]}"...)
}

func (p pen) comment(b []byte, rich bool, issue string, c Comment) []byte {
	b = member(append(b, '{'), "self", p.base+"/rest/api/2/issue/"+issue+"/comment/"+c.ID)
	b = member(b, "id", c.ID)
	b = p.person(b, "author", c.Author)
	b = text(append(b, `,"body":`...), rich, c.Body)
	b = p.person(b, "updateAuthor", c.Author)
	b = p.time(append(b, `,"created":`...), c.Created)
	updated := c.Updated
	if updated.IsZero() {
		updated = c.Created
	}
	b = p.time(append(b, `,"updated":`...), updated)
	return append(b, '}')
}

func (p pen) worklog(b []byte, rich bool, w *Worklog) []byte {
	b = member(append(b, '{'), "self", p.base+"/rest/api/2/issue/"+w.IssueID+"/worklog/"+w.ID)
	b = p.person(b, "author", w.Author)
	b = p.person(b, "updateAuthor", w.Author)
	b = text(append(b, `,"comment":`...), rich, w.Comment)
	b = p.time(append(b, `,"created":`...), w.Created)
	b = p.time(append(b, `,"updated":`...), w.Updated)
	b = p.time(append(b, `,"started":`...), w.Started)
	b = member(b, "timeSpent", spent(w.Seconds))
	b = strconv.AppendInt(append(b, `,"timeSpentSeconds":`...), int64(w.Seconds), 10)
	b = member(b, "id", w.ID)
	b = member(b, "issueId", w.IssueID)
	return append(b, '}')
}

// spent is Jira's short form of a duration, with days of eight hours.
func spent(seconds int) string {
	minutes := seconds / 60
	var parts []string
	for _, u := range []struct {
		minutes int
		letter  string
	}{{5 * 8 * 60, "w"}, {8 * 60, "d"}, {60, "h"}, {1, "m"}} {
		if n := minutes / u.minutes; n > 0 {
			parts = append(parts, strconv.Itoa(n)+u.letter)
			minutes %= u.minutes
		}
	}
	if parts == nil {
		return "0m"
	}
	return strings.Join(parts, " ")
}

// history writes a changelog entry. The bulk endpoint alone gives its time in
// milliseconds. Data Center does not name the ids of fields.
func (p pen) history(b []byte, h *History, milliseconds bool, fits func(Item) bool) []byte {
	b = member(append(b, '{'), "id", h.ID)
	b = p.person(b, "author", h.Author)
	b = append(b, `,"created":`...)
	if milliseconds {
		b = strconv.AppendInt(b, h.Created.UnixMilli(), 10)
	} else {
		b = p.time(b, h.Created)
	}
	b = append(b, `,"items":[`...)
	first := true
	for _, item := range h.Items {
		if fits != nil && !fits(item) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = member(append(b, '{'), "field", item.Field)
		if strings.HasPrefix(item.FieldID, "customfield_") {
			b = member(b, "fieldtype", "custom")
		} else {
			b = member(b, "fieldtype", "jira")
		}
		if p.cloud && item.FieldID != "" {
			b = member(b, "fieldId", item.FieldID)
		}
		b = orNull(b, "from", item.From)
		b = orNull(b, "fromString", item.FromString)
		b = orNull(b, "to", item.To)
		b = orNull(b, "toString", item.ToString)
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// value writes what stands in Issue.Fields.
func (p pen) value(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return quote(b, v)
	case time.Time:
		return p.time(b, v)
	case User:
		return p.user(b, v)
	case Status:
		return p.status(b, v)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("jiraapi: a field cannot be sent: %v", err))
	}
	return append(b, raw...)
}
