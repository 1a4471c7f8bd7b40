package reports

import (
	"slices"
	"strconv"

	"golang.org/x/net/html"
)

// table is a table with its spanned cells laid out: each row is as wide as the
// widest.
type table struct {
	Caption []span
	Aside   bool // the caption repeats the heading
	Columns [][]span
	Labels  []string // of the columns, where a row stands as lines; empty: the cell says it itself
	Rows    [][][]span
	Numeric []bool // by column
}

// tableOf reads a table; nil where it has no row. A column of pictures goes.
func tableOf(n *html.Node) *table {
	t := &table{}
	type carry struct {
		left int
		cell []span
	}
	carried := map[int]*carry{}
	var numeric [][]bool
	labels := map[int]string{}
	var visit func(n *html.Node, head bool)
	visit = func(n *html.Node, head bool) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			switch c.Data {
			case "caption":
				t.Caption, t.Aside = flatten(within(c)), hasClass(c, "away")
			case "thead":
				visit(c, true)
			case "tbody", "tfoot":
				visit(c, false)
			case "tr":
				var row [][]span
				var nums []bool
				put := func(cell []span, num bool) { row, nums = append(row, cell), append(nums, num) }
				above := func() {
					for carried[len(row)] != nil && carried[len(row)].left > 0 {
						one := carried[len(row)]
						one.left--
						put(one.cell, false)
					}
				}
				for cell := c.FirstChild; cell != nil; cell = cell.NextSibling {
					if cell.Type != html.ElementNode || cell.Data != "th" && cell.Data != "td" {
						continue
					}
					above()
					words := flatten(within(cell))
					if plain := attribute(cell, "data-plain"); plain != "" {
						words = []span{{Text: plain}}
					}
					if label := attribute(cell, "data-label"); label != "" {
						labels[len(row)] = label
					} else if hasClass(cell, "rest") || hasClass(cell, "trend") {
						labels[len(row)] = ""
					}
					if down := count(cell, "rowspan") - 1; down > 0 {
						carried[len(row)] = &carry{left: down, cell: words}
					}
					if attribute(cell, "scope") == "rowgroup" {
						for i := range words {
							words[i].Strong = true
						}
					}
					put(words, hasClass(cell, "num"))
					for range count(cell, "colspan") - 1 {
						put(nil, false)
					}
				}
				above()
				switch {
				case head && t.Columns == nil:
					t.Columns = row
				case head:
				default:
					t.Rows, numeric = append(t.Rows, row), append(numeric, nums)
				}
			}
		}
	}
	visit(n, false)
	if len(t.Rows) == 0 {
		return nil
	}
	t.square(numeric, labels)
	return t
}

// square gives all rows the same width and leaves out the columns that nothing
// but pictures stood in.
func (t *table) square(numeric [][]bool, labels map[int]string) {
	wide := len(t.Columns)
	for _, row := range t.Rows {
		wide = max(wide, len(row))
	}
	fill := func(row [][]span) [][]span { return append(row, make([][]span, wide-len(row))...) }
	t.Columns = fill(t.Columns)
	for i := range t.Rows {
		t.Rows[i] = fill(t.Rows[i])
	}
	for i := wide - 1; i >= 0; i-- {
		empty, nums := true, len(numeric) > 0
		for j, row := range t.Rows {
			empty = empty && len(row[i]) == 0
			nums = nums && (len(row[i]) == 0 || i < len(numeric[j]) && numeric[j][i])
		}
		if empty {
			t.Columns = slices.Delete(t.Columns, i, i+1)
			for j := range t.Rows {
				t.Rows[j] = slices.Delete(t.Rows[j], i, i+1)
			}
			continue
		}
		label, ok := labels[i]
		if !ok {
			label = spoken(t.Columns[i])
		}
		t.Numeric, t.Labels = append([]bool{nums}, t.Numeric...), append([]string{label}, t.Labels...)
	}
}

// line is a row in a sentence, its cells by the names of their columns.
func (t *table) line(row [][]span) []span {
	var out []span
	for i, cell := range row {
		if len(cell) == 0 {
			continue
		}
		if len(out) > 0 {
			out = continued(out, span{Text: ", "})
		}
		if i > 0 && t.Labels[i] != "" {
			out = continued(out, span{Text: t.Labels[i] + ": "})
		}
		out = continued(out, cell...)
	}
	return out
}

// count is a span of cells: 1 where none or nonsense is given.
func count(n *html.Node, name string) int {
	k, err := strconv.Atoi(attribute(n, name))
	if err != nil || k < 1 || k > 100 {
		return 1
	}
	return k
}
