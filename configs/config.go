package configs

import (
	"path/filepath"
	"time"
)

// Config is one loaded and validated srekpi.yml, with every default filled in.
type Config struct {
	Warehouse   Warehouse    `yaml:"warehouse"`
	Timezone    string       `yaml:"timezone"` // the reporting zone, an IANA name; default UTC
	Weekly      Weekly       `yaml:"weekly"`
	Monthly     Monthly      `yaml:"monthly"`
	Reports     Reports      `yaml:"reports"`
	Monitoring  Monitoring   `yaml:"monitoring"`
	Incidents   Incidents    `yaml:"incidents"`
	Recurrence  Recurrence   `yaml:"recurrence"`
	Changes     Changes      `yaml:"changes"`
	Identity    Identity     `yaml:"identity"`
	Network     Network      `yaml:"network"`
	Services    []Service    `yaml:"services"`
	Teams       []Team       `yaml:"teams"`
	Causes      []Cause      `yaml:"causes"`
	Calendars   []Calendar   `yaml:"calendars"` // when people work; one called Business holds where none is named
	Targets     []Target     `yaml:"targets"`
	Work        Work         `yaml:"work"`
	Postmortems Postmortems  `yaml:"postmortems"`
	Annotations []Annotation `yaml:"annotations"`
	Serve       Serve        `yaml:"serve"`
	Sources     []Source     `yaml:"sources"`

	file     string
	location *time.Location
}

// Warehouse says where the data lives.
type Warehouse struct {
	URL     string `yaml:"url"`     // default chdb://./data: the engine inside the process, in a folder
	Library string `yaml:"library"` // path of libchdb.so; empty: the usual places are searched
	Keep    string `yaml:"keep"`    // how long raw payloads are kept, 400d; empty, none or 0: for ever

	Kept time.Duration `yaml:"-"` // parsed from Keep; 0: for ever

	// What follows is of servers.
	Password Secret `yaml:"password"` // of the URL's user
	TLS      TLS    `yaml:"tls"`
	Cluster  string `yaml:"cluster"` // name of a cluster of one shard; empty: a single server
}

// TLS says whom to trust and who to be. Paths are relative to the config's folder.
type TLS struct {
	CAFile     string `yaml:"ca_file"`     // PEM of the authority that signed the server's certificate; empty: the system's
	CertFile   string `yaml:"cert_file"`   // PEM of a client certificate
	KeyFile    string `yaml:"key_file"`    // PEM of its key
	ServerName string `yaml:"server_name"` // the name in the server's certificate, where it is not the URL's host
}

// Weekly says when a reporting week ends.
type Weekly struct {
	Ends string `yaml:"ends"` // "monday 00:00" by default: weekday and wall-clock time in the reporting zone

	Weekday time.Weekday  `yaml:"-"` // parsed from Ends
	Offset  time.Duration `yaml:"-"` // parsed from Ends: wall-clock time since that day's midnight, below 24 h
}

// Monthly says when a month's report is due.
type Monthly struct {
	IssueOnWorkday int `yaml:"issue_on_workday"` // the nth working day after the month's end, 1 to 20; default 5
}

// Reports says where the HTML goes.
type Reports struct {
	Dir   string `yaml:"dir"`   // default "public"; relative to the config's folder, see Config.Resolve
	Title string `yaml:"title"` // shown in every page's header; may be empty
	URL   string `yaml:"url"`   // where Dir is served, for the links of mails and Markdown; may be empty
}

// Monitoring says where to tell how a run ended.
type Monitoring struct {
	Textfile string `yaml:"textfile"` // a .prom file for node_exporter's textfile collector; empty: none; relative to the config's folder
}

// Incidents holds what the organisation means by its severities.
type Incidents struct {
	Major           []int    `yaml:"major"`             // severities that count as a major incident; default 1 and 2
	FlapsWithin     Span     `yaml:"flaps_within"`      // an alert that comes back so soon is the same episode; default 30m
	ReopenedWithin  Span     `yaml:"reopened_within"`   // after its first resolution; default 14d
	DetectedByUsers []string `yaml:"detected_by_users"` // values of detected_by that mean that users noticed first
	OnHold          []string `yaml:"on_hold"`           // statuses in which a ticket waits, in any case; its clock runs on
}

// Recurrence tunes how repeated incidents are recognised by title.
type Recurrence struct {
	Boilerplate []string `yaml:"boilerplate"` // openings of a title that say nothing: "Incident with", "Disruption with"
}

// Service is one entry of the optional service catalogue.
type Service struct {
	Name     string   `yaml:"name"`
	Aliases  []string `yaml:"aliases"` // other names that sources give it, in any case
	Team     string   `yaml:"team"`    // the owning team
	L2Team   string   `yaml:"l2_team"`
	L3Team   string   `yaml:"l3_team"`
	Tier     string   `yaml:"tier"`
	Owner    string   `yaml:"owner"`
	Runbook  string   `yaml:"runbook"`  // a URL
	Calendar string   `yaml:"calendar"` // name of one of Calendars; default Business
}

// Annotation is a dated event of policy, drawn on the charts.
type Annotation struct {
	At    string `yaml:"at"` // a date, or a date and time; without offset it is in the reporting zone
	Title string `yaml:"title"`
	Scope string `yaml:"scope"` // a service, a team or a KPI; empty: everything

	Time time.Time `yaml:"-"` // parsed from At
}

// File is the path that the config was read from, as Load was given it.
func (c *Config) File() string { return c.file }

// Dir is the absolute folder of the config's file. Relative paths in the config
// are meant from here, not from the working directory.
func (c *Config) Dir() string { return filepath.Dir(c.absolute()) }

// Resolve makes a path of the config absolute.
func (c *Config) Resolve(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(c.Dir(), filepath.FromSlash(p))
}

// Location is the reporting zone.
func (c *Config) Location() *time.Location {
	if c.location == nil {
		return time.UTC
	}
	return c.location
}

// Source finds a source by its name; nil when there is none.
func (c *Config) Source(name string) *Source {
	for i := range c.Sources {
		if c.Sources[i].Name == name {
			return &c.Sources[i]
		}
	}
	return nil
}

func (c *Config) absolute() string {
	abs, err := filepath.Abs(c.file)
	if err != nil {
		return c.file // only when the working directory is gone
	}
	return abs
}
