package reports

import (
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// historyTable holds the numbers of a block's lines: a row a period, newest
// first, a column a KPI.
type historyTable struct {
	ID      string   `view:"key"`
	Summary string   `view:"name"`
	Columns []string `view:"name"`
	Rows    []historyRow
}

type historyRow struct {
	Label   string `view:"date"`
	Cells   []historyCell
	Running bool
}

type historyCell struct {
	Figure figure
	Column string `view:"name"`
	Open   bool   // not settled
}

// add puts the last periods of a reading into the table's next column.
func (t *historyTable) add(r *reading, periods int) {
	t.Columns = append(t.Columns, r.KPI.Title)
	points := r.Points[max(0, len(r.Points)-periods):]
	for len(t.Rows) < len(points) {
		t.Rows = append(t.Rows, historyRow{})
	}
	for i := range t.Rows {
		row := &t.Rows[i]
		for len(row.Cells) < len(t.Columns)-1 {
			row.Cells = append(row.Cells, historyCell{Figure: figure{Text: metrics.NotCollected}, Column: t.Columns[len(row.Cells)]})
		}
		cell := historyCell{Figure: figure{Text: metrics.NotCollected, Part: "value"}, Column: r.KPI.Title}
		if at := len(points) - 1 - i; at >= 0 {
			p := points[at]
			row.Label = p.Label
			if p.Value != nil {
				cell.Figure = figureOf(r.KPI.Kind, *p.Value)
				cell.Open = !p.Value.Complete
			}
		}
		row.Cells = append(row.Cells, cell)
	}
}

// firstAlias is the name under which most people search for a KPI.
func firstAlias(also string) string {
	first, _, _ := strings.Cut(also, ", ")
	return first
}
