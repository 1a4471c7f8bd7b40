package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
)

// The chart engine is not in the repository: make assets installs the pinned
// npm package and copies it here. Without it the program builds, and rendering
// says what to do.
//
//go:embed assets/*.js assets/*.css assets/blocks/*.css
var assets embed.FS

const enginePath = "assets/echarts.min.js"

func chartEngine() (template.JS, error) {
	text, err := assets.ReadFile(enginePath)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the chart library is not built in: run make assets, then build again")
	}
	if err != nil {
		return "", fmt.Errorf("read the chart library: %w", err)
	}
	if strings.Contains(strings.ToLower(string(text)), "</script") {
		return "", fmt.Errorf("the chart library %s cannot stand in a page: it would end its own script element; run make assets", enginePath)
	}
	return template.JS(text), nil
}

func ownAssets() (style template.CSS, starter template.JS, err error) {
	css, err := assets.ReadFile("assets/page.css")
	if err != nil {
		return "", "", fmt.Errorf("read the style sheet: %w", err)
	}
	js, err := assets.ReadFile("assets/page.js")
	if err != nil {
		return "", "", fmt.Errorf("read the page's script: %w", err)
	}
	// A block brings its own part of the sheet.
	parts, err := fs.Glob(assets, "assets/blocks/*.css")
	if err != nil {
		return "", "", fmt.Errorf("list the style sheets: %w", err)
	}
	for _, part := range parts {
		text, err := assets.ReadFile(part)
		if err != nil {
			return "", "", fmt.Errorf("read the style sheet: %w", err)
		}
		css = append(append(css, '\n'), text...)
	}
	return template.CSS(css), template.JS(js), nil
}

// policy forbids everything but what the page itself carries. Style attributes
// are allowed, since the chart engine sets them.
func policy(style string, scripts ...string) string {
	var hashes []string
	for _, text := range scripts {
		if text != "" {
			hashes = append(hashes, hash(text))
		}
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + strings.Join(hashes, " "),
		"style-src " + hash(style),
		"style-src-attr 'unsafe-inline'",
		"img-src data:",
		"base-uri 'none'",
		"form-action 'none'",
	}, "; ")
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
