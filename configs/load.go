package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Load reads, completes and checks the config at path. Any error is an *Error
// that lists every problem found, except that a text which is not YAML has one.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, single(path, Problem{Message: "there is no such file", Next: "write one with: srekpi init, or name yours with --config"})
	case err != nil:
		return nil, single(path, Problem{Message: err.Error(), Next: "give this user the right to read it"})
	}
	return parse(path, text)
}

func parse(path string, text []byte) (*Config, error) {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		p := Problem{Message: "not YAML: " + syntax.GetMessage(), Next: "check indentation, colons and quotes around here"}
		if at := syntax.GetToken(); at != nil {
			p.Line, p.Column = at.Position.Line, at.Position.Column
		}
		return nil, single(path, p)
	case err != nil:
		return nil, single(path, Problem{Message: "not YAML: " + err.Error()})
	case len(file.Docs) > 1:
		return nil, single(path, Problem{Message: fmt.Sprintf("%d YAML documents in one file", len(file.Docs)), Next: "keep one, without --- between"})
	}

	c := defaults()
	c.file = path
	d := newDecoder()
	if len(file.Docs) == 1 {
		d.decode(file.Docs[0].Body, reflect.ValueOf(c).Elem(), "")
	}
	c.complete()
	for i := range c.Sources {
		c.Sources[i].complete()
	}
	d.check(c)
	if len(d.problems) > 0 {
		e := &Error{File: path, Problems: d.problems}
		e.sort()
		return nil, e
	}
	return c, nil
}

// Reread is the config as it reads once its text is rewritten.
func (c *Config) Reread(rewrite func(string) string) (*Config, error) {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return nil, single(c.file, Problem{Message: err.Error()})
	}
	return parse(c.file, []byte(rewrite(string(text))))
}

func single(path string, p Problem) *Error { return &Error{File: path, Problems: []Problem{p}} }
