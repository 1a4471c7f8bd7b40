package warehouse

import (
	"regexp"
	"strings"
)

// ExportFormat is what the files of an export are: parquet, which keeps types and every value, or csv, for spreadsheets.
type ExportFormat string

const (
	Parquet ExportFormat = "parquet"
	CSV     ExportFormat = "csv"
)

// ExportFormats are all there are.
var ExportFormats = []ExportFormat{Parquet, CSV}

func (f ExportFormat) file(table string) string { return table + "." + string(f) }

// engine is ClickHouse's name for it.
func (f ExportFormat) engine() string {
	if f == CSV {
		return "CSVWithNames"
	}
	return "Parquet"
}

// settings keep the memory of the writer small: row groups of a tenth of the usual size, one at a time, took 0.4 GB
// for 5 million rows instead of 1.3 GB, and no longer.
func (f ExportFormat) settings() string {
	if f == CSV {
		return ""
	}
	return " SETTINGS output_format_parquet_row_group_size = 100000, output_format_parquet_parallel_encoding = 0"
}

// text are the types whose values may be anything that someone typed.
var text = regexp.MustCompile(`^(LowCardinality\()?(Nullable\()?(String|FixedString\(|Enum)`)

// selects is the query of a table's rows. In CSV a text that a spreadsheet would run as a formula gets an apostrophe in
// front; arrays and maps begin with a bracket and are none.
func (f ExportFormat) selects(table string, columns []ExportedColumn) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		name := backquote(c.Name)
		list[i] = "t." + name
		if f == CSV && text.MatchString(c.Type) {
			list[i] = `if(match(toString(` + list[i] + `), '^[=+@\\t\\r-]'), concat('\'', toString(` + list[i] + `)), toString(` + list[i] + `)) AS ` + name
		}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + backquote(table) + " AS t"
}

var textQuoter = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func quoteText(text string) string { return "'" + textQuoter.Replace(text) + "'" }
