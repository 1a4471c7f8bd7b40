package prompt

import "strings"

// Split cuts a text into its statements at each ";" that is no part of a literal, a name, a comment or a heredoc.
// What holds nothing but blanks and comments is left out. A cut in the wrong place cannot let anything through:
// each piece is judged by the engine's own parser before it runs.
func Split(text string) []string {
	var statements []string
	start, said := 0, false
	scan(text, func(from, to int, t token) {
		switch t {
		case separator:
			if said {
				statements = append(statements, strings.TrimSpace(text[start:from]))
			}
			start, said = to, false
		case other:
			said = true
		}
	})
	if said {
		statements = append(statements, strings.TrimSpace(text[start:]))
	}
	return statements
}

// Complete says that the last statement of a text is ended by ";", with at most comments behind it.
func Complete(text string) bool {
	ended := false
	scan(text, func(_, _ int, t token) {
		if t != blank {
			ended = t == separator
		}
	})
	return ended
}

type token int

const (
	blank token = iota // space or a comment
	separator
	other
)

// scan goes through a text as ClickHouse's lexer does, as far as that matters for ";".
func scan(text string, see func(from, to int, t token)) {
	for i := 0; i < len(text); {
		to, t := next(text, i)
		see(i, to, t)
		i = to
	}
}

// next is the end of what begins at i.
func next(text string, i int) (end int, t token) {
	rest := text[i:]
	switch c := text[i]; {
	case c == ';':
		return i + 1, separator
	case c <= ' ':
		return i + 1, blank
	case c == '\'', c == '"', c == '`':
		return i + quoted(rest), other
	case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
		return i + through(rest, 0, "\n"), blank
	case strings.HasPrefix(rest, "/*"):
		if end := through(rest, 2, "*/"); end < len(rest) || strings.HasSuffix(rest[2:], "*/") {
			return i + end, blank
		}
		return len(text), other // never closed: the statement is not over
	case c == '$':
		return i + heredoc(rest), other
	case isWord(c):
		n := 1
		for n < len(rest) && (isWord(rest[n]) || rest[n] == '$') {
			n++
		}
		return i + n, other
	}
	return i + 1, other
}

// quoted is the length of a literal or name in quotes: a backslash takes the next byte along, and a doubled
// quote reads as two literals side by side, which ends in the same place.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i + 1
		}
	}
	return len(text)
}

// heredoc is the length of $tag$ … $tag$, or 1 for a lone dollar.
func heredoc(text string) int {
	n := 1
	for n < len(text) && isWord(text[n]) {
		n++
	}
	if n == len(text) || text[n] != '$' {
		return 1
	}
	tag := text[:n+1]
	if at := strings.Index(text[len(tag):], tag); at >= 0 {
		return len(tag) + at + len(tag)
	}
	return 1 // as the engine reads one that is not closed
}

func through(text string, from int, end string) int {
	if at := strings.Index(text[from:], end); at >= 0 {
		return from + at + len(end)
	}
	return len(text)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
