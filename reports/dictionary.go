package reports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/srekpi/srekpi/sql/model"
)

// DictionaryPage is the page of the data dictionary, below Options.Dir.
const DictionaryPage = "dictionary.html"

// layerTitles say what each layer is for, in the order of a record's road.
var layerTitles = map[model.Layer][2]string{
	model.Mart:     {"Tables to ask", "One row per business thing, whatever its source. Each is a view of the newest build."},
	model.Rules:    {"Rules and calendars", "What the config says, as tables to join, and the periods."},
	model.Landing:  {"As it came in", "Every record as its source sent it, and how the runs went."},
	model.Internal: {"What was published", "Builds, and what issued reports printed."},
	model.Staging:  {"Typed records", "Internal: every version of each record, typed. Ask the tables above instead."},
}

// layerOrder puts what analysts ask first.
var layerOrder = []model.Layer{model.Mart, model.Rules, model.Landing, model.Internal, model.Staging}

// dictionaryView is what the page is filled with.
type dictionaryView struct {
	Title, Policy  string
	Style, Starter any
	Layers         []dictionaryLayer
	*model.Dictionary
}

type dictionaryLayer struct {
	ID, Title, Lead string
	Tables          []*model.Table
}

// WriteDictionary writes the data dictionary as a page beside the index. What is
// there already stays as it is while nothing changed.
func WriteDictionary(o Options, d *model.Dictionary) error {
	style, starter, err := ownAssets()
	if err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	view := dictionaryView{Title: "Data dictionary", Dictionary: d, Layers: layersOf(d), Style: style, Starter: starter, Policy: policy(string(style), string(starter))}
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "dictionary", view); err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	path := filepath.Join(o.Dir, DictionaryPage)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b.Bytes()) {
		return nil
	}
	if err := write(path, b.Bytes()); err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	return nil
}

func layersOf(d *model.Dictionary) []dictionaryLayer {
	var out []dictionaryLayer
	for _, layer := range layerOrder {
		l := dictionaryLayer{ID: "layer-" + string(layer), Title: layerTitles[layer][0], Lead: layerTitles[layer][1]}
		for _, t := range d.Tables {
			if t.Layer == layer {
				l.Tables = append(l.Tables, t)
			}
		}
		slices.SortStableFunc(l.Tables, func(a, b *model.Table) int { return rankOf(a) - rankOf(b) })
		out = append(out, l)
	}
	return out
}

// rankOf puts the tables that the models alone read behind the others.
func rankOf(t *model.Table) int {
	if t.Internal {
		return 1
	}
	return 0
}
