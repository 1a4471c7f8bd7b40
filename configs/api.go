package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Secret says where a credential is: never in the config itself.
type Secret struct {
	Env  string `yaml:"env"`  // name of an environment variable
	File string `yaml:"file"` // path of a file, relative to the config's folder
}

// IssueRule says what an issue is. All conditions that are given must hold; of
// several values in one, any does.
type IssueRule struct {
	Is      string   `yaml:"is"` // one of Roles
	Project []string `yaml:"project"`
	Type    []string `yaml:"type"`
	Label   []string `yaml:"label"`
	JQL     string   `yaml:"jql"` // asked of Jira in every run
}

// Roles are what an issue can be.
var Roles = []string{EntityIncident, EntityChange, "problem", "postmortem", "action_item", EntityTicket}

// LinkTypes name the types of Jira's issue links, as Jira calls the type.
type LinkTypes struct {
	Caused     []string `yaml:"caused"`     // one end caused the other
	Duplicates []string `yaml:"duplicates"` // one end repeats the other
}

// Network says how APIs are reached.
type Network struct {
	Proxy  string `yaml:"proxy"`   // URL; empty: what HTTPS_PROXY and NO_PROXY say
	CAFile string `yaml:"ca_file"` // PEM of an authority to trust besides the system's
}

// Identity says how records of several sources become one.
type Identity struct {
	Order []string `yaml:"order"` // names of sources: the first that has a record gives the row; the rest follow in the config's order
}

// Changes holds what the organisation means by a change.
type Changes struct {
	CitedAs     []string `yaml:"cited_as"`     // patterns of change keys in titles and notes; default CHG\d{7}
	ObservedFor Span     `yaml:"observed_for"` // how long after its end a change may still show a failure; default 72h
	IssuesFail  bool     `yaml:"issues_fail"`  // "successful with issues" is a failure
	CAB         []Window `yaml:"cab"`          // the windows in which changes go out
}

// API says that the source is asked over the network, and is no file.
func (s *Source) API() bool { return s.Type == TypeJira || s.Type == TypePagerDuty }

// Entities are what the source can hold, in the order of the road.
func (s *Source) Entities() []string {
	switch s.Type {
	case TypeJira:
		return []string{EntityIncident, EntityChange, EntityTicket}
	case TypePagerDuty:
		return []string{EntityIncident, EntityChange}
	}
	return []string{s.Entity}
}

// Collects names the marts, in the singular, that records of the source fill.
func (s *Source) Collects() []string {
	switch s.Type {
	case TypeJira:
		return append(s.Entities(), "worklog", "action_item")
	case TypePagerDuty:
		return append(s.Entities(), "page", "oncall_shift")
	}
	return s.Entities()
}

// Mapping is where an entity's fields come from.
func (s *Source) Mapping(entity string) map[string]FieldMap {
	switch {
	case !s.API() && entity == s.Entity:
		return s.Fields
	case !s.API():
		return nil
	case entity == EntityIncident:
		return s.Incident
	case entity == EntityChange:
		return s.Change
	case entity == EntityTicket:
		return s.Ticket
	}
	return nil
}

// Reach is where a first sync begins, seen from a moment.
func (s *Source) Reach(now time.Time) time.Time {
	at, err := ParseSince(s.Since, now)
	if err != nil {
		return now // Load has refused what does not parse
	}
	return at
}

// ParseSince reads how far back to go: days like 400d, or a date or time.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n < 36500 {
			return now.AddDate(0, 0, -n).UTC(), nil
		}
	}
	at, ok := parseISO(text, time.UTC)
	if !ok || at.After(now) {
		return time.Time{}, fmt.Errorf("%q is neither a number of days nor a past date", text)
	}
	return at, nil
}

// Credential reads a source's secret. The error never shows it.
func (c *Config) Credential(s *Source) (string, error) { return c.reveal("token", s.Token) }

// reveal reads what the config's key names. The error never shows it.
func (c *Config) reveal(key string, s Secret) (string, error) {
	if s.Env != "" {
		if v := strings.TrimSpace(os.Getenv(s.Env)); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("the environment variable %s is empty; set it to the %s, or name a file with %s: {file: …}", s.Env, key, key)
	}
	path := c.Resolve(s.File)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no %s file %s; put the %s there, readable by this user only", key, path, key)
	case err != nil:
		return "", fmt.Errorf("read the %s: %w; give this user the right to read it", key, err)
	}
	if secret := strings.TrimSpace(string(text)); secret != "" {
		return secret, nil
	}
	return "", fmt.Errorf("the %s file %s is empty; put the %s there", key, path, key)
}
