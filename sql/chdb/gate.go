package chdb

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// RefusedError says why the text of a user is not run.
type RefusedError struct {
	Reason string // and what to do instead
}

func (e *RefusedError) Error() string { return "query refused: " + e.Reason }

func refused(reason string, args ...any) error {
	return &RefusedError{Reason: fmt.Sprintf(reason, args...)}
}

// Gate says whether the text of a user may run on a read-only engine; a *RefusedError says why not, and another
// error is the engine's own, such as a mistake in the SQL. params are those that the text will run with.
//
// The read-only mode refuses inserts, changes and most reading from elsewhere. It lets through writing a file,
// reading one in an expression or to learn its columns, stopping other queries, settings in a subquery, and a
// second statement. Those stop here. Every judgement is made on what the engine's own parser made of the text,
// never on the text itself, so neither comments nor quoting nor letter case can hide anything.
func (e *Engine) Gate(ctx context.Context, userSQL string, params ...map[string]string) error {
	values := map[string]string{}
	for _, set := range params {
		for name, value := range set {
			values[name] = Escape(value)
		}
	}
	return e.gate(ctx, userSQL, values)
}

// gate takes the parameters as TSV-escaped text.
func (e *Engine) gate(ctx context.Context, userSQL string, values map[string]string) error {
	if strings.ContainsRune(userSQL, 0) {
		return refused("the text holds a NUL byte; take it out")
	}
	// A syntax error or a second statement already ends here, in the engine's words.
	printed, err := e.text(ctx, statement{sql: "SELECT formatQuery({sql:String})", format: "TSVRaw", params: map[string]string{"sql": Escape(userSQL)}})
	if err != nil {
		if strings.Contains(err.Error(), "Multi-statements are not allowed") {
			return refused("it holds several statements; give one at a time")
		}
		return fmt.Errorf("read query: %w", err)
	}
	if err := e.checkKind(ctx, userSQL); err != nil {
		return err
	}
	names, err := e.outside(ctx)
	if err != nil {
		return err
	}
	if err := checkPrinted(printed, names); err != nil {
		return err
	}
	tree, err := e.text(ctx, statement{sql: "EXPLAIN AST " + userSQL, format: "TSV", params: values})
	if err != nil {
		return fmt.Errorf("read query: %w", err)
	}
	return checkTree(tree, names)
}

// text runs a small statement whole.
func (e *Engine) text(ctx context.Context, st statement) (string, error) {
	st.whole = true
	body, err := e.start(ctx, st)
	if err != nil || body == nil {
		return "", err
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	return string(content), err
}

func (e *Engine) checkKind(ctx context.Context, sql string) error {
	look, err := e.look(ctx, sql)
	if err != nil {
		return err
	}
	switch {
	case look.statements > 1:
		return refused("it holds several statements; give one at a time")
	case look.kind == readOnly:
		return nil
	}
	return refused("it is no question; only SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN are run here, without INTO OUTFILE")
}

var (
	// quotes are literals and quoted names. Both are looked for at once: either may hold the other's quotes.
	quotes      = regexp.MustCompile("'(?:[^'\\\\]|\\\\.|'')*'|`(?:[^`\\\\]|\\\\.)*`")
	outfile     = regexp.MustCompile(`\bINTO\s+OUTFILE\b`)
	ownSettings = regexp.MustCompile(`\bSETTINGS\s+(\w+)\s*=`)
	// calls are names before a bracket; the print quotes a name only if it must.
	calls = regexp.MustCompile("([A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\\\]|\\\\.)*`)\\s*\\(")
	// references are functions given by name to a function that calls them.
	references = regexp.MustCompile("(?i)\\b(?:(?:array|map)\\w*\\s*\\(|APPLY\\s*\\(?)\\s*([A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\\\]|\\\\.)*`)")
)

// checkPrinted looks at the engine's own print of the query, which shows every part of it; the tree leaves some out.
func checkPrinted(printed string, outside map[string]bool) error {
	unquoted := bare(printed)
	if outfile.MatchString(unquoted) {
		return refused("INTO OUTFILE writes a file; redirect the output instead")
	}
	if match := ownSettings.FindStringSubmatch(unquoted); match != nil {
		return refused("SETTINGS %s could lift the limits; leave the clause out", match[1])
	}
	return checkCalls(printed, outside)
}

// bare is a print whose literals and quoted names are empty.
func bare(printed string) string {
	return quotes.ReplaceAllStringFunc(printed, func(quoted string) string { return quoted[:1] + quoted[:1] })
}

// checkCalls looks at what a print calls.
func checkCalls(printed string, outside map[string]bool) error {
	printed = quotes.ReplaceAllStringFunc(printed, func(quoted string) string {
		if quoted[0] == '\'' {
			return "''"
		}
		return quoted
	})
	for _, pattern := range []*regexp.Regexp{calls, references} {
		for _, match := range pattern.FindAllStringSubmatch(printed, -1) {
			if name := strings.Trim(match[1], "`"); outside[strings.ToLower(name)] {
				return refused("%s reaches outside the warehouse; ingest what it would read", name)
			}
		}
	}
	return nil
}

// callsArguments are the functions that may call what they are given by name.
var callsArguments = regexp.MustCompile(`(?i)^Function (array|map)`)

var questions = regexp.MustCompile(`^(Select|Show|Describe|Exists|Explain)`)

// checkTree looks at the nodes that the parser made, one a line; a line break inside a name is escaped.
func checkTree(tree string, outside map[string]bool) error {
	if !questions.MatchString(tree) {
		return refused("it is no question; only SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN are run here")
	}
	explain := strings.HasPrefix(tree, "Explain")
	return walk(tree, func(path []string) error {
		depth, node := len(path)-1, path[len(path)-1]
		switch {
		case explain && depth == 1 && node == "Set":
			// how to explain; a SETTINGS clause would show in the print
		case explain && depth == 1 && !strings.HasPrefix(node, "Select"):
			return refused("EXPLAIN is run for a SELECT only")
		case node == "Set" || strings.HasPrefix(node, "Set "):
			return refused("SETTINGS could lift the limits; leave the clause out")
		case node == "ColumnsApplyTransformer":
			return refused("APPLY hides what it calls; write the function out for each column")
		}
		return checkNode(path, outside)
	})
}

// walk visits the nodes of a tree, each at the end of those above it.
func walk(tree string, visit func(path []string) error) error {
	var path []string
	for line := range strings.Lines(strings.TrimRight(tree, "\n")) {
		node := strings.TrimLeft(strings.TrimSuffix(line, "\n"), " ")
		depth := len(strings.TrimSuffix(line, "\n")) - len(node)
		for len(path) < depth { // a level is never left out, but nothing here depends on that
			path = append(path, "")
		}
		path = append(path[:depth], node)
		if err := visit(path); err != nil {
			return err
		}
	}
	return nil
}

// checkNode looks at what a node calls.
func checkNode(path []string, outside map[string]bool) error {
	depth := len(path) - 1
	kind, rest, _ := strings.Cut(path[depth], " ")
	name, _, _ := strings.Cut(rest, " ")
	if outside[strings.ToLower(name)] && (kind == "Function" || kind == "Identifier" && depth >= 2 && callsArguments.MatchString(path[depth-2])) {
		return refused("%s reaches outside the warehouse; ingest what it would read", name)
	}
	return nil
}

// harmless table functions make rows themselves or read the warehouse.
var harmless = []string{
	"numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generaterandom", "generateseries", "generate_series",
	"values", "sqlstandardvalues", "view", "null", "format", "merge",
}

// reaching are ordinary functions that read files, ask the network or other servers.
var reaching = []string{
	"file", "catboostevaluate", "reversednsquery", "hascolumnintable",
	"aiclassify", "aiembed", "aiextract", "aigenerate", "aitranslate",
}

// refusedNames are what a query may not call, of the engine's table functions and the ordinary ones.
func refusedNames(tableFunctions string) map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(tableFunctions) {
		names[name] = true
	}
	for _, name := range harmless {
		delete(names, name)
	}
	for _, name := range reaching {
		names[name] = true
	}
	return names
}
