package warehouse

import (
	"fmt"
	"regexp"
	"strings"
)

// token is a piece of a statement: a word, a quoted name, a text, or a sign.
type token struct {
	text       string
	start, end int
}

// pieces splits a statement. Comments and blanks are left out. A word may hold dots.
var pieces = regexp.MustCompile("(?s)--[^\n]*|/\\*.*?\\*/|\\s+|'(?:[^'\\\\]|\\\\.|'')*'|`(?:[^`\\\\]|\\\\.)*`|\"(?:[^\"\\\\]|\\\\.)*\"|[A-Za-z0-9_.]+|.")

func tokensOf(statement string) []token {
	var out []token
	for _, at := range pieces.FindAllStringIndex(statement, -1) {
		text := statement[at[0]:at[1]]
		if strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "--") && !strings.HasPrefix(text, "/*") {
			out = append(out, token{text, at[0], at[1]})
		}
	}
	return out
}

// onCluster is a statement as every replica of a cluster is to carry it out. Most become one; a table made from a SELECT
// becomes two, since each replica would fill it. A statement that it does not know is an error: half of the replicas
// would go without it.
func onCluster(statement, cluster string) ([]string, error) {
	d := ddl{statement: statement, tokens: tokensOf(statement), clause: " ON CLUSTER " + backquote(cluster)}
	unknown := fmt.Errorf("warehouse.cluster: no form for a cluster is known of %.80q; report it, with the version of srekpi", statement)
	end := -1 // where the clause goes
	switch {
	case d.is(0, "INSERT", "INTO"), d.is(0, "SELECT"), d.is(0, "CHECK", "GRANT"):
		return []string{statement}, nil
	case d.is(0, "KILL", "QUERY"):
		end = d.tokens[1].end
	case d.is(0, "EXCHANGE", "TABLES"), d.is(0, "RENAME", "TABLE"):
		end = d.tokens[len(d.tokens)-1].end
		if d.tokens[len(d.tokens)-1].text == ";" {
			end = d.tokens[len(d.tokens)-1].start
		}
	case d.is(0, "DELETE", "FROM"):
		end = d.name(2)
	case d.is(0, "ALTER", "TABLE"), d.is(0, "OPTIMIZE", "TABLE"):
		end = d.name(2)
	case d.is(0, "DROP"), d.is(0, "TRUNCATE"):
		if d.kind(1) {
			end = d.name(d.after(2, "IF", "EXISTS"))
		}
	case d.is(0, "CREATE"):
		at := d.after(1, "OR", "REPLACE")
		switch {
		case d.is(at, "TABLE"):
			return d.createTable(at, unknown)
		case d.kind(at):
			end = d.name(d.after(at+1, "IF", "NOT", "EXISTS"))
		}
	}
	if end < 0 || d.is(d.index(end), "ON", "CLUSTER") {
		return nil, unknown
	}
	return []string{statement[:end] + d.clause + statement[end:]}, nil
}

type ddl struct {
	statement string
	tokens    []token
	clause    string
}

// createTable also makes the engine a replicated one, with the paths that the servers' config gives.
func (d ddl) createTable(at int, unknown error) ([]string, error) {
	end := d.name(d.after(at+1, "IF", "NOT", "EXISTS"))
	engine, selects := -1, -1
	for i := range d.tokens {
		switch {
		case engine < 0 && d.is(i, "ENGINE", "="):
			engine = i + 2
		case engine >= 0 && selects < 0 && (d.is(i, "AS", "SELECT") || d.is(i, "AS", "WITH")):
			selects = i
		}
	}
	if end < 0 || engine < 0 || engine >= len(d.tokens) || !strings.HasSuffix(d.tokens[engine].text, "MergeTree") || strings.HasPrefix(d.tokens[engine].text, "Replicated") {
		return nil, unknown
	}
	s, family := d.statement, d.tokens[engine].start
	head := s[:end] + d.clause + s[end:family] + "Replicated"
	if selects < 0 {
		return []string{head + s[family:]}, nil
	}
	as := d.tokens[selects]
	name := s[d.tokens[d.after(at+1, "IF", "NOT", "EXISTS")].start:end]
	return []string{head + s[family:as.start] + "EMPTY " + s[as.start:], "INSERT INTO " + name + s[as.end:]}, nil
}

func (d ddl) is(at int, words ...string) bool {
	for i, w := range words {
		if at < 0 || at+i >= len(d.tokens) || !strings.EqualFold(d.tokens[at+i].text, w) {
			return false
		}
	}
	return true
}

// after is the place behind words that may be there.
func (d ddl) after(at int, words ...string) int {
	if d.is(at, words...) {
		return at + len(words)
	}
	return at
}

// kind says that a thing of all replicas is named next.
func (d ddl) kind(at int) bool {
	return d.is(at, "TABLE") || d.is(at, "VIEW") || d.is(at, "DATABASE") || d.is(at, "FUNCTION")
}

// name is where the name ends that begins at a token: one word, or quoted parts with dots between.
func (d ddl) name(at int) int {
	if at >= len(d.tokens) {
		return -1
	}
	for at+1 < len(d.tokens) && d.tokens[at+1].start == d.tokens[at].end && (d.tokens[at+1].text == "." || strings.HasSuffix(d.tokens[at].text, ".")) {
		at++
	}
	return d.tokens[at].end
}

// index is the token that begins at or behind a place.
func (d ddl) index(place int) int {
	for i, t := range d.tokens {
		if t.start >= place {
			return i
		}
	}
	return -1
}
