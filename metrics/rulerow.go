package metrics

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ruleRow is one row of a table of rules.
type ruleRow map[string]any

func rowsOf(p definitionPart) []ruleRow {
	var rows []ruleRow
	if json.Unmarshal([]byte(p.content), &rows) != nil {
		return nil // nothing was kept of it
	}
	return rows
}

func keyed(rows []ruleRow, key func(ruleRow) string) map[string]ruleRow {
	out := map[string]ruleRow{}
	for _, r := range rows {
		out[key(r)] = r
	}
	return out
}

// text is a cell in words; a list is parted by commas.
func (r ruleRow) text(column string) string {
	switch v := r[column].(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = ruleRow{"": v[i]}.text("")
		}
		return strings.Join(texts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

func (r ruleRow) number(column string) float64 {
	n, _ := r[column].(float64)
	return n
}
