package simulate

import (
	_ "embed"
	"regexp"
	"strings"
)

var (
	//go:embed srekpi.yml
	config string
	//go:embed tools.yml
	toolsConfig string
)

// Config is the srekpi.yml that reads the exports of the demo's history, New(Seed,
// AsOf), from a folder "exports" beside it.
func Config() string { return config }

// ConfigFor is the srekpi.yml that reads the same history from the company's
// tools at these addresses, and the Mobile team's sheet from a folder "exports"
// beside it. The tokens are what WriteTokens writes beside it.
func ConfigFor(jiraURL, pagerDutyURL string) string {
	var ids []string
	for _, s := range services() {
		ids = append(ids, pagerID('P', 7, "service/"+s.Name))
	}
	return strings.NewReplacer("JIRA_URL", jiraURL, "PAGERDUTY_URL", pagerDutyURL, "PAGERDUTY_SERVICES", strings.Join(ids, ", ")).Replace(toolsConfig)
}

var address = regexp.MustCompile(`(?m)^    url: http://127\.0\.0\.1:\d+$`)

// IsConfig is true for what ConfigFor gives for the tools of some Serve: the
// demo's config as nobody has changed it.
func IsConfig(text string) bool {
	const here = "    url: here"
	return address.ReplaceAllLiteralString(text, here) == strings.NewReplacer("    url: JIRA", here, "    url: PAGERDUTY", here).Replace(ConfigFor("JIRA", "PAGERDUTY"))
}
