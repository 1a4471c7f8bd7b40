package configs

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder fills Go values from YAML and remembers where each value stands, so
// that a check made later can point at it. It collects problems instead of
// stopping at the first.
type decoder struct {
	problems []Problem
	places   map[string]*token.Position // path of a value → its place
	broken   map[token.Position]bool    // what stands here could not be read at all
	anchors  map[string]ast.Node
	optional bool // reading a preset: the mappings are Optional
}

func newDecoder() *decoder {
	return &decoder{places: map[string]*token.Position{}, broken: map[token.Position]bool{}, anchors: map[string]ast.Node{}}
}

func (d *decoder) report(at *token.Position, message, next string) {
	p := Problem{Message: message, Next: next}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	d.problems = append(d.problems, p)
}

// unreadable reports a value of the wrong form; what follows from its absence
// is not worth telling.
func (d *decoder) unreadable(n ast.Node, message, next string) {
	at := place(n)
	d.broken[*at] = true
	d.report(at, message, next)
}

// at reports a problem with the value at a path, or with the nearest thing
// around it that the file states.
func (d *decoder) at(path, message, next string) {
	for path != "" && d.places[path] == nil {
		path = path[:max(0, strings.LastIndexByte(path, '\x00'))]
	}
	if at := d.places[path]; at == nil || !d.broken[*at] {
		d.report(at, message, next)
	}
}

// under names a value inside another. NUL cannot occur in a YAML key.
func under(path string, keys ...string) string {
	return path + "\x00" + strings.Join(keys, "\x00")
}

// plain follows anchors, aliases and tags to the node that they stand for.
func (d *decoder) plain(n ast.Node) ast.Node {
	for {
		switch t := n.(type) {
		case *ast.AnchorNode:
			d.anchors[t.Name.GetToken().Value] = t.Value
			n = t.Value
		case *ast.AliasNode:
			target, ok := d.anchors[t.Value.GetToken().Value]
			if !ok {
				d.unreadable(t, fmt.Sprintf("the alias *%s names no anchor above it", t.Value), "define it first with &")
				return nil
			}
			return target
		case *ast.TagNode:
			n = t.Value
		default:
			return n
		}
	}
}

func (d *decoder) decode(n ast.Node, v reflect.Value, path string) {
	if n == nil {
		return
	}
	at := place(n)
	if n = d.plain(n); n == nil {
		d.places[path] = at
		return
	}
	if _, null := n.(*ast.NullNode); null {
		return // "key:" without a value is as good as no key
	}
	d.places[path] = at
	switch target := v.Addr().Interface().(type) {
	case *Source:
		d.source(n, target, path)
		return
	case *FieldMap:
		d.field(n, target, path)
		return
	case *Span:
		text, ok := scalarText(n)
		parsed, err := ParseSpan(text)
		if !ok || err != nil {
			d.unreadable(n, fmt.Sprintf("%q is no length of time", text), "write it like 30m, 4h or 14d")
		}
		parsed.Text = text // also of what cannot be read: it was stated
		*target = parsed
		return
	case *Secret:
		if _, text := scalarText(n); text {
			what := path[strings.LastIndex(path, "\x00")+1:]
			d.unreadable(n, "a "+what+" never stands in the config", "write "+what+": {env: NAME} or "+what+": {file: path}")
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), path)
	default:
		d.scalar(n, v)
	}
}

func (d *decoder) structure(n ast.Node, v reflect.Value, path string) {
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("yaml"); key != "" && key != "-" {
			fields[key] = i
			known = append(known, key)
		}
	}
	for _, e := range d.entries(n) {
		i, ok := fields[e.key]
		if !ok {
			d.report(e.at, fmt.Sprintf("unknown key %q", e.key), instead(e.key, known))
			continue
		}
		d.decode(e.value, v.Field(i), under(path, e.key))
	}
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, e := range d.entries(n) {
		key := reflect.ValueOf(e.key)
		if _, null := d.plain(e.value).(*ast.NullNode); null {
			if !v.MapIndex(key).IsValid() {
				d.report(e.at, fmt.Sprintf("%q has no value", e.key), "write one, or remove the line")
			}
			v.SetMapIndex(key, reflect.Value{}) // drops what the preset says
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(e.value, item, under(path, e.key))
		d.places[under(path, e.key)] = e.at
		v.SetMapIndex(key, item)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	items := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		items = seq.Values
	} else if v.Type().Elem().Kind() == reflect.Struct {
		d.unreadable(n, "expected a list, found "+describe(n), `begin each entry with "- "`)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		d.decode(item, v.Index(i), under(path, strconv.Itoa(i)))
	}
}

func (d *decoder) scalar(n ast.Node, v reflect.Value) {
	text, ok := scalarText(n)
	if !ok {
		d.unreadable(n, "expected one value, found "+describe(n), "")
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			d.unreadable(n, fmt.Sprintf("%q is neither true nor false", text), "")
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil {
			d.unreadable(n, fmt.Sprintf("%q is not a whole number", text), "")
		}
		v.SetInt(int64(i))
	default:
		v.SetString(text)
	}
}

// entry is one key of a YAML mapping.
type entry struct {
	key   string
	at    *token.Position // of the key
	value ast.Node
}

func (d *decoder) entries(n ast.Node) []entry {
	var values []*ast.MappingValueNode
	switch t := n.(type) {
	case *ast.MappingNode:
		values = t.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{t}
	default:
		d.unreadable(n, "expected keys and values, found "+describe(n), `write "key: value" lines`)
		return nil
	}
	entries := make([]entry, 0, len(values))
	first := map[string]int{}
	for _, v := range values {
		key, at := v.Key.GetToken().Value, v.Key.GetToken().Position
		if line, twice := first[key]; twice {
			d.report(at, fmt.Sprintf("the key %q is here a second time, after line %d", key, line), "keep one of them")
			continue
		}
		first[key] = at.Line
		entries = append(entries, entry{key, at, v.Value})
	}
	return entries
}

// place is where a reader sees a node begin.
func place(n ast.Node) *token.Position {
	switch t := n.(type) {
	case *ast.MappingNode:
		if !t.IsFlowStyle && len(t.Values) > 0 {
			return t.Values[0].Key.GetToken().Position
		}
	case *ast.MappingValueNode:
		return t.Key.GetToken().Position
	}
	return n.GetToken().Position
}

// scalarText is a scalar as it is written: 007 stays 007, and a date a text.
func scalarText(n ast.Node) (string, bool) {
	switch t := n.(type) {
	case *ast.LiteralNode:
		return t.Value.Value, true
	case *ast.StringNode:
		return t.Value, true
	case ast.ScalarNode:
		return t.GetToken().Value, true
	}
	return "", false
}

func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	case *ast.SequenceNode:
		return "a list"
	}
	return "a single value"
}
