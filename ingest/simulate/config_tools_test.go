package simulate

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/configs"
)

// The config names the fields, types, links and services that the tools have.
func TestConfigDescribesTheTools(t *testing.T) {
	w := New(Seed, AsOf)
	site, account := w.Jira(), w.PagerDuty()
	dir := t.TempDir()
	file := filepath.Join(dir, "srekpi.yml")
	text := ConfigFor("http://127.0.0.1:4001", "http://127.0.0.1:4002")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteSheet(filepath.Join(dir, "exports")); err != nil {
		t.Fatal(err)
	}
	if err := WriteTokens(dir); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	jira, pager, sheet := c.Source("jira"), c.Source("pagerduty"), c.Source("mobile-releases")
	for s, want := range map[*configs.Source]string{jira: JiraToken, pager: PagerDutyToken} {
		if got, err := c.Credential(s); err != nil || got != want {
			t.Errorf("%s: %q, %v", s.Name, got, err)
		}
	}
	if jira.URL != "http://127.0.0.1:4001" || pager.URL != "http://127.0.0.1:4002" || jira.User != site.User {
		t.Errorf("%q, %q, %q", jira.URL, pager.URL, jira.User)
	}
	for _, s := range []*configs.Source{jira, pager} {
		if from := s.Reach(AsOf); !from.Equal(w.From) {
			t.Errorf("%s reaches back to %v", s.Name, from)
		}
	}
	// What the preset maps besides may name fields that a site does not have.
	for _, f := range site.Fields {
		if !strings.Contains(text, ": "+f.Name+"\n") && !strings.Contains(text, ": "+f.Name+" ") {
			t.Errorf("the config does not map %q", f.Name)
		}
	}
	for mapped := range strings.SplitSeq(text[strings.Index(text, "    incident:\n"):strings.Index(text, "  - name: pagerduty")], "\n") {
		name, from, ok := strings.Cut(strings.TrimSpace(mapped), ": ")
		from, _, _ = strings.Cut(from, "#")
		from = strings.TrimSpace(from)
		field := ok && from != "" && (name == "from" || strings.HasPrefix(mapped, "      ") && !strings.HasPrefix(mapped, "       ") && name != "default")
		if field && fieldID(site, from) == "" && !slices.Contains([]string{"components", "issuetype.name", "assignee"}, from) {
			t.Errorf("%s: there is no field %q", name, from)
		}
	}
	severity := map[string]bool{}
	types, labels, projects := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, i := range site.Issues {
		types[i.Fields["issuetype"].(map[string]any)["name"].(string)] = true
		project, _, _ := strings.Cut(i.Key, "-")
		projects[project] = true
		for _, l := range i.Fields["labels"].([]string) {
			labels[l] = true
		}
		if s, ok := i.Fields[fieldID(site, "Severity")].(map[string]any); ok {
			severity[s["value"].(string)] = true
		}
	}
	for s := range severity {
		if n := jira.Incident["severity"].Map[s]; n == "" || !strings.HasSuffix(s, n) {
			t.Errorf("severity %q is %q", s, n)
		}
	}
	occur := func(rule any, projectsOf, typesOf, labelsOf []string) {
		for kind, words := range map[*map[string]bool][]string{&types: typesOf, &labels: labelsOf, &projects: projectsOf} {
			for _, word := range words {
				if !(*kind)[word] {
					t.Errorf("no issue fits %+v", rule)
				}
			}
		}
	}
	for _, r := range jira.Issues {
		occur(r, r.Project, r.Type, r.Label)
	}
	for _, r := range c.Work.Rules {
		occur(r, r.Project, r.Type, r.Label)
	}
	tiers := map[string]string{}
	for _, k := range c.Teams {
		tiers[k.Name] = k.Tier
	}
	for _, r := range w.Rotations {
		if tiers[r.Name] != r.Tier {
			t.Errorf("%s is of tier %s, the config says %q", r.Name, r.Tier, tiers[r.Name])
		}
	}
	wanted := map[string]string{}
	for _, s := range account.Services {
		wanted[s.ID] = s.Name
	}
	var named []string
	for _, id := range pager.Services {
		named = append(named, wanted[id])
	}
	for _, s := range w.Services {
		if !slices.Contains(named, s.Name) {
			t.Errorf("%s is not asked for: %v", s.Name, named)
		}
	}
	if len(named) != len(w.Services) || len(account.Services) <= len(named) {
		t.Errorf("services asked for: %v, there are %v", named, account.Services)
	}
	if !sheet.Covers.Start.Equal(w.From) || !sheet.Covers.End.Equal(w.To) || len(sheet.Paths) != 1 || c.Resolve(sheet.Paths[0]) != filepath.Join(dir, "exports", sheetFile) {
		t.Errorf("the sheet: %+v", sheet)
	}
	rows, err := os.ReadFile(c.Resolve(sheet.Paths[0]))
	if err != nil {
		t.Fatal(err)
	}
	if l := w.Ledger(c.Location()); strings.Count(string(rows), "\n") != 1+l.Releases+l.Quarantined {
		t.Errorf("%s lines for %d releases", strconv.Itoa(strings.Count(string(rows), "\n")), l.Releases)
	}
	old, err := configs.Load(write(t, Config()))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != len(old.Services) || len(c.Annotations) != len(old.Annotations) {
		t.Error("the two configs describe two companies")
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "srekpi.yml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestIsConfig(t *testing.T) {
	text := ConfigFor("http://127.0.0.1:4001", "http://127.0.0.1:50322")
	for what, c := range map[string]struct {
		text string
		want bool
	}{
		"as given":       {text, true},
		"another port":   {ConfigFor("http://127.0.0.1:1", "http://127.0.0.1:2"), true},
		"changed":        {strings.Replace(text, "monday 00:00", "tuesday 00:00", 1), false},
		"another server": {ConfigFor("https://jira.example.com", "http://127.0.0.1:2"), false},
		"the exports'":   {Config(), false},
	} {
		if got := IsConfig(c.text); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
