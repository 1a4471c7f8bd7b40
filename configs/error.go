package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Error is what Load returns: every problem of one file, in the file's order.
type Error struct {
	File     string
	Problems []Problem
}

// Problem is one mistake and its mending.
type Problem struct {
	Line, Column int    // 1-based; 0 when the problem has no place in the file
	Message      string // what is wrong
	Next         string // what to do about it
}

// Error prints one line per problem: file:line:column: message; next step.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = e.File + ":" + p.String()
	}
	return strings.Join(lines, "\n")
}

// String prints line:column: message; next step.
func (p Problem) String() string {
	text := " " + p.Message
	if p.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
	}
	if p.Next != "" {
		text += "; " + p.Next
	}
	return text
}

func (e *Error) sort() {
	slices.SortStableFunc(e.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// instead is the next step after a word that is not one of the known: the
// nearest of them, or all of them.
func instead(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known are " + strings.Join(known, ", ")
}

// Nearest is the known word that a reader most likely meant; empty when none
// is near enough.
func Nearest(word string, known []string) string {
	best, least := "", min(max(2, len(word)/3), len(word)/2)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}
