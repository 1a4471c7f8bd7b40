package jiraapi

import (
	"fmt"
	"strings"
)

// A query is parsed into a tree of AND, OR, NOT and clauses. What Jira knows and
// this one does not (~, WAS, CHANGED, functions) is an error, never ignored.

type query struct {
	where *node // nil: no restriction
	order []orderBy
}

type node struct {
	op     string // and, or, not; empty: a clause
	of     []*node
	clause clause
}

type clause struct {
	field  string
	op     string // = != < <= > >= in, not in, is, is not
	values []operand
}

type operand struct {
	text   string
	quoted bool
}

type orderBy struct {
	field string
	desc  bool
}

type token struct {
	text   string
	quoted bool
	sign   bool // operator or punctuation
	at     int
}

func (t token) is(word string) bool {
	return !t.quoted && strings.EqualFold(t.text, word)
}

type jqlParser struct {
	tokens []token
	next   int
}

func parseJQL(text string) (*query, error) {
	tokens, err := lexJQL(text)
	if err != nil {
		return nil, err
	}
	p := &jqlParser{tokens: append(tokens, token{at: len(text)})}
	q := &query{}
	if !p.done() && !p.peek().is("order") {
		if q.where, err = p.either(); err != nil {
			return nil, err
		}
	}
	if p.take("order") {
		if !p.take("by") {
			return nil, p.expecting("'by'")
		}
		if q.order, err = p.orders(); err != nil {
			return nil, err
		}
	}
	if !p.done() {
		return nil, p.expecting("either 'OR' or 'AND'")
	}
	return q, nil
}

func lexJQL(text string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(text); {
		c := text[at]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			at++
		case c == '"' || c == '\'':
			var b strings.Builder
			end := at + 1
			for ; end < len(text) && text[end] != c; end++ {
				if text[end] == '\\' && end+1 < len(text) {
					end++
				}
				b.WriteByte(text[end])
			}
			if end >= len(text) {
				return nil, jqlError("The quoted string '%s' has not been completed. (line 1, character %d)", b.String(), at+1)
			}
			tokens = append(tokens, token{text: b.String(), quoted: true, at: at})
			at = end + 1
		case strings.IndexByte("=!<>~(),&|", c) >= 0:
			end := at + 1
			if end < len(text) {
				switch text[at : end+1] {
				case "!=", "<=", ">=", "!~", "&&", "||":
					end++
				}
			}
			tokens = append(tokens, token{text: text[at:end], sign: true, at: at})
			at = end
		default:
			end := at
			for end < len(text) && strings.IndexByte(" \t\r\n\"'=!<>~(),&|", text[end]) < 0 {
				end++
			}
			tokens = append(tokens, token{text: text[at:end], at: at})
			at = end
		}
	}
	return tokens, nil
}

func jqlError(format string, a ...any) error {
	return invalid("Error in the JQL Query: " + fmt.Sprintf(format, a...))
}

func (p *jqlParser) peek() token { return p.tokens[p.next] }
func (p *jqlParser) done() bool  { return p.next == len(p.tokens)-1 }

func (p *jqlParser) take(words ...string) bool {
	if !p.done() {
		for _, word := range words {
			if p.peek().is(word) {
				p.next++
				return true
			}
		}
	}
	return false
}

func (p *jqlParser) expecting(what string) error {
	if p.done() {
		return jqlError("Expecting %s before the end of the query.", what)
	}
	t := p.peek()
	return jqlError("Expecting %s but got '%s'. (line 1, character %d)", what, t.text, t.at+1)
}

func (p *jqlParser) either() (*node, error) {
	return p.chain("or", p.both, "or", "||", "|")
}

func (p *jqlParser) both() (*node, error) {
	return p.chain("and", p.one, "and", "&&", "&")
}

func (p *jqlParser) chain(op string, part func() (*node, error), words ...string) (*node, error) {
	n := &node{op: op}
	for {
		one, err := part()
		if err != nil {
			return nil, err
		}
		n.of = append(n.of, one)
		if !p.take(words...) {
			return n, nil
		}
	}
}

func (p *jqlParser) one() (*node, error) {
	switch {
	case p.take("not", "!"):
		n, err := p.one()
		return &node{op: "not", of: []*node{n}}, err
	case p.take("("):
		n, err := p.either()
		if err == nil && !p.take(")") {
			err = p.expecting("')'")
		}
		return n, err
	}
	c, err := p.clause()
	return &node{clause: c}, err
}

func (p *jqlParser) clause() (clause, error) {
	field, err := p.word("a field name")
	if err != nil {
		return clause{}, err
	}
	c := clause{field: field.text}
	switch t := p.peek(); {
	case p.take("=", "!=", "<", "<=", ">", ">=", "in"):
		c.op = strings.ToLower(t.text)
	case p.take("not"):
		if !p.take("in") {
			return c, p.expecting("'in'")
		}
		c.op = "not in"
	case p.take("is"):
		if c.op = "is"; p.take("not") {
			c.op = "is not"
		}
	case t.is("~") || t.is("!~") || t.is("was") || t.is("changed"):
		return c, jqlError("this Jira does not know the operator '%s'. (line 1, character %d)", t.text, t.at+1)
	default:
		return c, p.expecting("operator")
	}
	if c.op != "in" && c.op != "not in" {
		v, err := p.value()
		c.values = []operand{v}
		return c, err
	}
	if !p.take("(") {
		return c, p.expecting("'('")
	}
	for {
		v, err := p.value()
		if err != nil {
			return c, err
		}
		c.values = append(c.values, v)
		if p.take(")") {
			return c, nil
		}
		if !p.take(",") {
			return c, p.expecting("')'")
		}
	}
}

func (p *jqlParser) value() (operand, error) {
	t, err := p.word("either a value, list or function")
	if err == nil && !t.quoted && p.peek().is("(") {
		err = jqlError("this Jira does not know the function '%s'. (line 1, character %d)", t.text, t.at+1)
	}
	return operand{t.text, t.quoted}, err
}

var reservedInJQL = []string{"and", "or", "not", "in", "is", "order", "by", "was", "changed"}

func (p *jqlParser) word(what string) (token, error) {
	t := p.peek()
	if p.done() || t.sign {
		return t, p.expecting(what)
	}
	for _, word := range reservedInJQL {
		if t.is(word) {
			return t, jqlError("Expecting %s but got '%s'. You must surround '%[2]s' in quotation marks to use it as a value. (line 1, character %d)", what, t.text, t.at+1)
		}
	}
	p.next++
	return t, nil
}

func (p *jqlParser) orders() ([]orderBy, error) {
	var orders []orderBy
	for {
		t, err := p.word("a field name")
		if err != nil {
			return nil, err
		}
		o := orderBy{field: strings.ToLower(t.text)}
		switch o.field {
		case "updated", "updateddate", "created", "createddate", "key", "id", "issue", "issuekey":
		default:
			return nil, invalid(fmt.Sprintf("Not able to sort using field '%s'.", t.text))
		}
		if p.take("desc") {
			o.desc = true
		} else {
			p.take("asc")
		}
		orders = append(orders, o)
		if !p.take(",") {
			return orders, nil
		}
	}
}
