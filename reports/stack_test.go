package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// drawnStack is what the page's script reads of a stack.
type drawnStack struct {
	Tips   []string
	Option struct {
		XAxis []struct {
			Data      []string
			AxisLabel struct{ LineHeight any }
		}
		Series []struct {
			Name, Stack string
			Data        []struct {
				Value     any
				ItemStyle struct {
					Color   string
					Opacity *float64
					Decal   *struct{ Symbol, Color string }
				}
				Label *struct {
					Formatter string
					Offset    [2]float64
					Opacity   float64
				}
			}
		}
	}
}

func readStack(t *testing.T, k stack) drawnStack {
	t.Helper()
	d, err := k.drawing()
	if err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexAny(string(d.Data), "<>&\x00"); i >= 0 {
		t.Errorf("%q stands in the script element", d.Data[max(0, i-20):i+1])
	}
	var spec drawnStack
	if err := json.Unmarshal([]byte(d.Data), &spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestAStackCarriesHostileTextAsData(t *testing.T) {
	k := stack{ID: "x"}
	one := slice{Name: hostile[0], Ink: "mark"}
	for _, text := range hostile {
		k.Columns = append(k.Columns, upright{Label: text, Tip: text, State: text})
		one.Values = append(one.Values, 1)
	}
	k.Slices = []slice{one}
	if spec := readStack(t, k); len(spec.Tips) != len(hostile) || len(spec.Option.Series) != 1 {
		t.Errorf("%d tips, %d series", len(spec.Tips), len(spec.Option.Series))
	}
	k.ID = "a b"
	if _, err := k.drawing(); err == nil {
		t.Error("an id with a space was taken")
	}
}

// Who sees no colours tells the slices by their order, their texture and their
// names; the column that is not over is marked by a word.
func TestSlicesAreToldApartWithoutColour(t *testing.T) {
	k := stack{ID: "x", Columns: []upright{{Label: "a"}, {Label: "b", State: "so far"}}}
	for _, p := range piles {
		k.Slices = append(k.Slices, slice{Name: p.name, Ink: p.ink, Texture: p.texture, Values: []float64{100, 1}})
	}
	k.Slices[1].Values[0] = math.NaN()
	spec := readStack(t, k)
	if got := spec.Option.XAxis[0]; got.Data[0] != "a" || got.Data[1] != "b\nso far" || got.AxisLabel.LineHeight != 14.0 {
		t.Errorf("%q", got)
	}
	textures := map[string]bool{}
	for i, s := range spec.Option.Series {
		if s.Name != piles[i].name || s.Stack != "all" {
			t.Errorf("slice %d is %q on stack %q", i, s.Name, s.Stack)
		}
		old, now := s.Data[0], s.Data[1]
		if old.Label != nil || now.Label == nil || now.Label.Formatter != s.Name || now.Label.Opacity != 1 {
			t.Errorf("%s: not named beside the newest column alone", s.Name)
		}
		if old.ItemStyle.Opacity != nil || now.ItemStyle.Opacity == nil {
			t.Errorf("%s: the running column is not paler", s.Name)
		}
		if d := old.ItemStyle.Decal; d != nil {
			textures[s.Name] = true
			if !strings.HasPrefix(d.Color, "var(--work-") {
				t.Errorf("%s: texture of %q", s.Name, d.Color)
			}
		}
	}
	if len(textures) != 2 || !textures["toil"] || !textures["not classified"] {
		t.Errorf("textures on %v", textures)
	}
	if got := spec.Option.Series[1].Data[0].Value; got != "-" {
		t.Errorf("a gap is %v", got)
	}
}

func TestNamesOfSlicesDoNotLieOnEachOther(t *testing.T) {
	for name, values := range map[string][]float64{"running": {1, 0, 0, 1}, "thin slices on top": {590, 2, 0, 3}, "apart": {150, 150, 150, 150}, "unknown": {math.NaN(), 5, 1, math.NaN()}} {
		k := stack{Columns: []upright{{}, {}}}
		for _, v := range values {
			k.Slices = append(k.Slices, slice{Values: []float64{150, v}})
		}
		top := k.top()
		moved, base, before := k.apart(top), 0.0, math.Inf(-1)
		for i, v := range values {
			if math.IsNaN(v) {
				v = 0
			}
			at := (base+v/2)*(stackHigh-stackRoom)/top - moved[i]
			base += v
			if at-before < namesApart-1.5 || at < -1 || at > stackHigh-stackRoom+1 {
				t.Errorf("%s: name %d stands at %.0f, the one below at %.0f", name, i, at, before)
			}
			if before = at; name == "apart" && moved[i] != 0 {
				t.Errorf("%s: name %d moved by %.0f", name, i, moved[i])
			}
		}
	}
}

func TestAStackEndsWhereItsTallestColumnDoes(t *testing.T) {
	k := stack{Columns: []upright{{}, {}}, Slices: []slice{{Values: []float64{300, 10}}, {Values: []float64{163, math.NaN()}}}}
	if got := k.top(); got != 500 {
		t.Errorf("463 of %v", got)
	}
	k.Slices[1].Values[0] = 250
	if got := k.top(); got != 600 {
		t.Errorf("550 of %v", got)
	}
	if got := (stack{}).top(); got != 1 {
		t.Errorf("nothing of %v", got)
	}
}
