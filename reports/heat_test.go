package reports

import (
	"encoding/json"
	"testing"
)

func TestAStripOfHoursHasItsNumbersAndNoOthers(t *testing.T) {
	h := heat{ID: "x", Zones: []heatZone{{Name: "night", To: 8, Last: 6, Fill: "heat-night"}, {Name: "business", From: 8, To: 18, Last: 4, Framed: true}}}
	h.Cells[0][9] = heatCell{N: 1, Tip: hostile[0]}
	h.Cells[6][23] = heatCell{N: 9, Fresh: true, Tip: "Sun"}
	d, err := h.drawing()
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Tips   []string
		Option struct {
			Series []struct {
				Name, Type string
				Data       []struct{ Value []any }
				ItemStyle  struct{ Color string }
			}
		}
	}
	if err := json.Unmarshal([]byte(d.Data), &spec); err != nil || len(spec.Tips) != 7*24 || spec.Tips[9] != hostile[0] || spec.Tips[6*24+23] != "Sun" {
		t.Fatalf("%v, %d tips", err, len(spec.Tips))
	}
	found := map[string][]any{}
	for _, s := range spec.Option.Series {
		for i, one := range s.Data {
			if s.Type == "heatmap" && one.Value[2] != "-" {
				found[s.Name] = append(found[s.Name], i, one.Value[2])
			}
		}
	}
	for name, want := range map[string][]any{"shade 1": {9, 1.0}, "shade 4": {6*24 + 23, 9.0}, "fresh": {6*24 + 23, 9.0}} {
		if len(found[name]) != 2 || found[name][0] != want[0] || found[name][1] != want[1] {
			t.Errorf("%s: %v", name, found[name])
		}
		delete(found, name)
	}
	if len(found) > 0 {
		t.Errorf("more is drawn: %v", found)
	}
}

func TestShadesAreQuartersOfTheMost(t *testing.T) {
	for _, x := range [][3]int{{1, 1, 0}, {2, 2, 1}, {4, 4, 3}, {1, 8, 0}, {2, 8, 0}, {3, 8, 1}, {8, 8, 3}, {0, 8, 0}, {7, 1000, 0}, {1000, 1000, 3}} {
		if got := heatStep(x[0], x[1]); got != x[2] {
			t.Errorf("heatStep(%d, %d) = %d, want %d", x[0], x[1], got, x[2])
		}
	}
}
