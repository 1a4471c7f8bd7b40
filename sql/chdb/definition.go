package chdb

import (
	"context"
	"fmt"
	"strings"
)

// Definition judges what a file of an engine's folder defines, and returns the engine's own print of it with its
// literals and quoted names emptied. A *RefusedError says what it calls that reaches outside the folder; the list of
// that is the one of [Engine.Gate]. Nothing of the text is run.
func (e *Engine) Definition(ctx context.Context, sql string) (string, error) {
	if strings.ContainsRune(sql, 0) {
		return "", refused("the text holds a NUL byte; take it out")
	}
	printed, err := e.text(ctx, statement{sql: "SELECT formatQuery({sql:String})", format: "TSVRaw", params: map[string]string{"sql": Escape(sql)}})
	if err != nil {
		return "", fmt.Errorf("read definition: %w", err)
	}
	names, err := e.outside(ctx)
	if err != nil {
		return "", err
	}
	if err := checkCalls(printed, names); err != nil {
		return "", err
	}
	tree, err := e.text(ctx, statement{sql: "EXPLAIN AST " + sql, format: "TSV"})
	if err != nil {
		return "", fmt.Errorf("read definition: %w", err)
	}
	err = walk(tree, func(path []string) error { return checkNode(path, names) })
	return bare(printed), err
}
