package jiraapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// document is one version of an issue, rendered field by field so that a page of
// a search is little more than copying.
type document struct {
	issue     *Issue
	id, key   string
	number    int64 // of the id
	project   string
	keyNumber int
	created   time.Time
	updated   time.Time
	found     time.Time // by search, from here on
	fieldsIn  int       // to notice a field that came or went

	projectIs, typeIs, statusIs, categoryIs, labels []string // the words of JQL for them, folded

	names     []string          // sorted
	fields    [][]byte          // "name":value
	rich      map[string][]byte // the same in version 3, where it differs
	comments  [2][]json.RawMessage
	histories []History
}

func newDocument(p pen, i *Issue, lag time.Duration) *document {
	d := &document{
		issue: i, id: i.ID, key: i.Key, created: i.Created, updated: i.Updated,
		fieldsIn: len(i.Fields), histories: i.Histories,
	}
	d.number, _ = strconv.ParseInt(i.ID, 10, 64)
	if dash := strings.LastIndexByte(i.Key, '-'); dash > 0 {
		d.project = i.Key[:dash]
		d.keyNumber, _ = strconv.Atoi(i.Key[dash+1:])
	}
	if lag > 0 {
		d.found = i.Updated.Add(lag)
	}
	for name := range i.Fields {
		if name != "created" && name != "updated" && name != "comment" && name != "worklog" {
			d.names = append(d.names, name)
		}
	}
	d.names = append(d.names, "created", "updated")
	slices.Sort(d.names)
	d.fields = make([][]byte, len(d.names))
	ends := make([]int, len(d.names))
	var b []byte
	for n, name := range d.names {
		b = append(quote(b, name), ':')
		switch name {
		case "created":
			b = p.time(b, i.Created)
		case "updated":
			b = p.time(b, i.Updated)
		default:
			b = p.value(b, i.Fields[name])
		}
		ends[n] = len(b)
		if words, ok := i.Fields[name].(string); ok && (name == "description" || name == "environment") {
			if d.rich == nil {
				d.rich = map[string][]byte{}
			}
			d.rich[name] = text(append(quote(nil, name), ':'), true, words)
		}
	}
	b = slices.Clip(b)
	start := 0
	for n, end := range ends {
		d.fields[n] = b[start:end:end]
		start = end
	}
	d.readComments(p, i)
	d.projectIs = append(folded(d.words("project")), strings.ToLower(d.project))
	d.typeIs = folded(d.words("issuetype"))
	d.labels = folded(d.words("labels"))
	d.statusIs = folded(d.words("status"))
	for _, word := range d.statusIs {
		if key, ok := p.categories[word]; ok {
			d.categoryIs = categoryWords(key)
		}
	}
	return d
}

func folded(words []string) []string {
	for n, word := range words {
		words[n] = strings.ToLower(word)
	}
	return words
}

// readComments takes what Fields has under "comment", in whatever shape, apart
// into single comments, so that they can be paged and cut.
func (d *document) readComments(p pen, i *Issue) {
	switch all := i.Fields["comment"].(type) {
	case nil:
	case []Comment:
		for _, c := range all {
			d.comments[0] = append(d.comments[0], p.comment(nil, false, i.ID, c))
			d.comments[1] = append(d.comments[1], p.comment(nil, true, i.ID, c))
		}
	default:
		raw, _ := json.Marshal(all)
		var page struct {
			Comments []json.RawMessage `json:"comments"`
		}
		if json.Unmarshal(raw, &page) != nil {
			return
		}
		d.comments[0] = page.Comments
		for _, c := range page.Comments {
			var object map[string]json.RawMessage
			var body string
			if json.Unmarshal(c, &object) == nil && json.Unmarshal(object["body"], &body) == nil {
				object["body"] = text(nil, true, body)
				c, _ = json.Marshal(object)
			}
			d.comments[1] = append(d.comments[1], c)
		}
	}
}

// stale tells whether the issue is another one than was rendered.
func (d *document) stale(i *Issue) bool {
	return i.touched || d.issue != i || d.key != i.Key || !d.updated.Equal(i.Updated) || !d.created.Equal(i.Created) ||
		d.fieldsIn != len(i.Fields) || len(d.histories) != len(i.Histories)
}

// words are the texts by which JQL knows a field's value: its name, key, id or,
// of a plain value, itself.
func (d *document) words(field string) []string {
	n, ok := slices.BinarySearch(d.names, field)
	if !ok {
		return nil
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(d.fields[n][len(field)+3:])))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil
	}
	return flatten(nil, value)
}

func flatten(words []string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(words, v)
	case json.Number:
		return append(words, v.String())
	case []any:
		for _, one := range v {
			words = flatten(words, one)
		}
	case map[string]any:
		for _, name := range []string{"name", "value", "key", "id", "accountId", "displayName"} {
			if one, ok := v[name]; ok {
				words = flatten(words, one)
			}
		}
	}
	return words
}
