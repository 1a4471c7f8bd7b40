package configs

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed init/*.yml
var pieces embed.FS

// Kinds lists what Template takes.
func Kinds() []string { return []string{"file", "jira", "jira_csv", "pagerduty", "servicenow"} }

// Template is what srekpi init writes: a commented config with one section for
// each kind of source, once each and in the order given; without a kind, file.
// An error names a kind that does not exist.
func Template(kinds ...string) (string, error) {
	if len(kinds) == 0 {
		kinds = []string{"file"}
	}
	text, err := pieces.ReadFile("init/head.yml")
	if err != nil {
		return "", err
	}
	for i, kind := range kinds {
		if slices.Contains(kinds[:i], kind) {
			continue
		}
		if !slices.Contains(Kinds(), kind) {
			return "", fmt.Errorf("write config: unknown kind of source %q; %s", kind, strings.TrimSuffix(instead(kind, Kinds()), "?"))
		}
		piece, err := pieces.ReadFile("init/" + kind + ".yml")
		if err != nil {
			return "", err
		}
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, piece...)
	}
	return string(text), nil
}
