package reports

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mailTable is a table as it fits a telephone: narrow columns of numbers stand
// side by side; of any other the first two do, and the rest below the first.
type mailTable struct {
	Caption []span
	Heads   []mailCell
	Rows    [][]mailCell
}

type mailCell struct {
	Words []span
	Under []span
	Right bool
	Tight bool // a number that may not break
	Title bool
}

func (c mailCell) Align() string {
	if c.Right {
		return "right"
	}
	return "left"
}

const (
	sideBySide = 5  // columns of numbers that a telephone holds
	beside     = 30 // characters of a second column
)

// Layout arranges the table.
func (n node) Layout() mailTable {
	t := n.Table
	out := mailTable{Caption: t.Caption}
	columns := len(t.Columns)
	numbers, second := columns <= sideBySide, columns > 1
	for i := range t.Columns {
		numbers = numbers && (i == 0 || t.Numeric[i])
	}
	for _, row := range t.Rows {
		if columns > 1 {
			big, _ := parted(row[1])
			second = second && utf8.RuneCountInString(spoken(big)) <= beside
		}
	}
	if !numbers {
		columns = map[bool]int{true: 2, false: 1}[second]
	}
	cell := func(words []span, i int) mailCell {
		return mailCell{Words: words, Right: i > 0, Tight: i > 0 && utf8.RuneCountInString(spoken(words)) <= 12, Title: i == 0}
	}
	named := false
	for i := range columns {
		head := cell(t.Columns[i], i)
		named = named || len(head.Words) > 0
		out.Heads = append(out.Heads, head)
	}
	if !named {
		out.Heads = nil
	}
	for _, row := range t.Rows {
		var cells []mailCell
		for i := range columns {
			cells = append(cells, cell(row[i], i))
		}
		var under []span
		below := func(label string, words []span) {
			if len(words) == 0 || spoken(words) == "\u2013" {
				return
			}
			if label != "" {
				label += ": "
			}
			under = append(under, after(under, apart, append([]span{{Text: label}}, words...))...)
		}
		if !numbers && second {
			big, rest := parted(row[1])
			cells[1] = cell(big, 1)
			below("", rest)
		}
		for i := columns; i < len(row); i++ {
			below(t.Labels[i], row[i])
		}
		cells[0].Under = under
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// parted are the words up to the first mark between two things, and the rest.
func parted(words []span) (first, rest []span) {
	for i, w := range words {
		before, behind, found := strings.Cut(w.Text, apart)
		if !found {
			continue
		}
		first = append(slices.Clone(words[:i]), span{before, w.URL, w.Strong})
		return first, append([]span{{behind, w.URL, w.Strong}}, words[i+1:]...)
	}
	return words, nil
}
