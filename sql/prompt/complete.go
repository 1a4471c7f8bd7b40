package prompt

import (
	"regexp"
	"slices"
	"strings"
)

var (
	word      = regexp.MustCompile(`[A-Za-z0-9_]*$`)
	qualifier = regexp.MustCompile("([A-Za-z0-9_]+)`?\\.`?$")
	// ofTables are the words behind which only a table's name makes sense.
	ofTables = regexp.MustCompile(`(?i)\b(from|join|table|describe|desc)\s+$`)
	// renamed is a table under a short name of the query.
	renamed = regexp.MustCompile(`(?i)\b([a-z0-9_]+)\s+(?:as\s+)?([a-z0-9_]+)\b`)
)

// complete lists what the word before the cursor may become, and that word. after is the text behind the cursor, whose
// tables count as well: a query's columns are mostly typed before its FROM.
func (c *catalog) complete(before, after string) (prefix string, found []string) {
	if strings.HasPrefix(strings.TrimSpace(before), `\`) {
		return c.completeCommand(strings.TrimLeft(before, " \n"))
	}
	before = before[startOfLast(before):]
	if literal, open := openLiteral(before); open {
		return literal, pick(literal, c.kpis)
	}
	prefix = word.FindString(before)
	rest := strings.TrimSuffix(before, prefix)
	query := before + after
	if q := qualifier.FindStringSubmatch(rest); q != nil {
		return prefix, c.columnsOf(prefix, []string{c.meant(q[1], query)})
	}
	if ofTables.MatchString(rest) {
		return prefix, pick(prefix, c.tables)
	}
	found = c.columnsOf(prefix, c.mentioned(query))
	if prefix == "" && len(found) > 0 {
		return prefix, found
	}
	found = append(found, pick(prefix, c.tables)...)
	if len(prefix) < 2 {
		return prefix, found // too many to be of help
	}
	for _, function := range pick(prefix, c.functions) {
		found = append(found, function+"(")
	}
	for _, keyword := range pick(prefix, c.keywords) {
		if prefix == strings.ToLower(prefix) {
			keyword = strings.ToLower(keyword)
		}
		found = append(found, keyword)
	}
	return prefix, found
}

func (c *catalog) completeCommand(before string) (string, []string) {
	name, rest, spaced := strings.Cut(before, " ")
	if !spaced {
		var all []named
		for _, command := range commands {
			all = append(all, named{command.name, command.meaning})
		}
		return before, slices.Compact(pick(before, all))
	}
	rest = strings.TrimLeft(rest, " ")
	switch name {
	case `\d`:
		return rest, pick(rest, c.tables)
	case `\format`:
		return rest, pick(rest, c.formats)
	}
	return rest, nil
}

// pick takes the names that begin with the prefix, in any letter case.
func pick(prefix string, names []named) []string {
	var found []string
	for _, n := range names {
		if len(n.name) >= len(prefix) && strings.EqualFold(n.name[:len(prefix)], prefix) {
			found = append(found, n.name)
		}
	}
	return found
}

func (c *catalog) columnsOf(prefix string, tables []string) []string {
	var found []string
	for _, table := range tables {
		var names []named
		for _, col := range c.columns[table] {
			names = append(names, named{col.name, col.meaning})
		}
		for _, name := range pick(prefix, names) {
			if !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	return found
}

// mentioned are the tables whose names stand in the query.
func (c *catalog) mentioned(query string) []string {
	var tables []string
	scan(query, func(from, to int, t token) {
		name := strings.Trim(query[from:to], "`\"")
		if known := c.table(name); t == other && known != nil && !slices.Contains(tables, known.name) {
			tables = append(tables, known.name)
		}
	})
	return tables
}

// meant is the table that a name before a dot stands for: itself, or the one that the query gave the name to.
func (c *catalog) meant(name, query string) string {
	if known := c.table(name); known != nil {
		return known.name
	}
	for _, m := range renamed.FindAllStringSubmatch(query, -1) {
		if known := c.table(m[1]); known != nil && strings.EqualFold(m[2], name) {
			return known.name
		}
	}
	return name
}

// startOfLast is where the statement begins in which a text ends.
func startOfLast(text string) int {
	start := 0
	scan(text, func(_, to int, t token) {
		if t == separator {
			start = to
		}
	})
	return start
}

// openLiteral is the text behind a quote that is not closed yet.
func openLiteral(text string) (string, bool) {
	literal, open := "", false
	scan(text, func(from, to int, t token) {
		open = to == len(text) && text[from] == '\'' && (to == from+1 || text[to-1] != '\'')
		if open {
			literal = text[from+1:]
		}
	})
	return literal, open
}
