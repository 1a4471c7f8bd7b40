package configs

import (
	"time"
)

// The values of Source.Type, Entity, Format, Encoding and Shape.
const (
	TypeFile      = "file"
	TypeJira      = "jira"
	TypePagerDuty = "pagerduty"

	EntityIncident = "incident"
	EntityChange   = "change"
	EntityTicket   = "ticket"

	FormatCSV   = "csv"
	FormatTSV   = "tsv"
	FormatJSONL = "jsonl"
	FormatJSON  = "json" // one array of objects, or one object

	EncodingUTF8   = "utf-8" // with or without a byte order mark
	EncodingCP1252 = "cp1252"
	EncodingUTF16  = "utf-16" // the byte order mark decides; without one: little endian

	ShapeRecords = "records" // a row is a whole record; of several, the latest is current
	ShapeEvents  = "events"  // a row is one step in a record's life; every row counts
)

// Words that stand for a time format in Times.Layouts and FieldMap.Layouts.
const (
	LayoutISO     = "iso"      // ISO 8601 or RFC 3339, with T or blank, with or without seconds, fraction and zone
	LayoutEpoch   = "epoch"    // seconds since 1970, possibly with a fraction
	LayoutEpochMS = "epoch_ms" // milliseconds since 1970
)

// Source is one system to collect from, with its preset merged in: what the
// source states itself wins over the preset, field by field.
type Source struct {
	Name   string `yaml:"name"`   // letters a-z, digits and '-'; the first part of every id in the marts
	Type   string `yaml:"type"`   // TypeFile, TypeJira or TypePagerDuty
	Preset string `yaml:"preset"` // a mapping to start from; an API's is its type's, a file's may be empty

	// What follows is of APIs.
	URL   string `yaml:"url"`
	User  string `yaml:"user"` // Jira Cloud: the account's email; empty: the token stands alone
	Token Secret `yaml:"token"`
	Since string `yaml:"since"` // how far a first sync reaches back: days like 400d (the default), or a date

	Projects  []string    `yaml:"projects"`   // Jira: keys; empty: all that the token may see
	JQL       string      `yaml:"jql"`        // Jira: restricts further
	Issues    []IssueRule `yaml:"issues"`     // Jira: which issue is what; the first rule that fits
	LinkTypes LinkTypes   `yaml:"link_types"` // Jira: what its links mean

	Services  []string `yaml:"services"`  // PagerDuty: ids; empty: all that the token may see
	Teams     []string `yaml:"teams"`     // PagerDuty: ids; empty: all
	Analytics bool     `yaml:"analytics"` // PagerDuty: also its own tallies, a day late

	// Canonical field → where it comes from, by entity; keys are of Fields(entity, "").
	Incident map[string]FieldMap `yaml:"incident"`
	Change   map[string]FieldMap `yaml:"change"`
	Ticket   map[string]FieldMap `yaml:"ticket"`

	// What follows is of files, but for Nulls and Times, which serve all.
	Entity string   `yaml:"entity"` // EntityIncident or EntityChange
	Paths  []string `yaml:"path"`   // globs (** for folders at any depth), relative to the config's folder

	// Format is never empty after Load: without the key it follows from the
	// paths' ending. In csv and tsv a FieldMap.From is a column's literal name
	// (it may hold dots), in json and jsonl it is a dotted path.
	Format    string   `yaml:"format"`
	Delimiter string   `yaml:"delimiter"` // one character; default "," for csv, a tab for tsv, empty for JSON
	Encoding  string   `yaml:"encoding"`  // default EncodingUTF8
	Nulls     []string `yaml:"nulls"`     // texts that mean "no value"; default the empty text alone
	Times     Times    `yaml:"times"`

	// Latest is the column that states a record's version (a time, in Times'
	// layouts). Empty: of several rows the last one wins, by file and line.
	Latest string `yaml:"latest"`
	Shape  string `yaml:"shape"` // ShapeRecords (default) or ShapeEvents

	Where   map[string][]string `yaml:"where"`   // keep only rows whose column has one of the values; all conditions hold
	Exclude map[string][]string `yaml:"exclude"` // leave out rows whose column has one of the values; any condition suffices
	Covers  Covers              `yaml:"covers"`

	ClosingResolves bool `yaml:"closing_resolves"` // a closed record without resolution time was resolved when closed
	Links           bool `yaml:"links"`            // the source is known to carry incident links: silence means success

	Fields     map[string]FieldMap `yaml:"fields"`     // canonical field → where it comes from; keys are of Fields(Entity, Shape)
	Attributes map[string]string   `yaml:"attributes"` // name of a free attribute → column, path, or Jira's field
}

// Times says how a source writes times.
type Times struct {
	// Layouts are tried in order. A layout uses the letters of Java and
	// spreadsheets (dd-MM-yyyy HH:mm), or is one of the words iso (default),
	// epoch, epoch_ms.
	Layouts []string `yaml:"layout"`
	Zone    string   `yaml:"zone"` // IANA name, for times that do not state an offset; default UTC
}

// Covers is the range that a file source is known to be complete for; without
// it the range is read from the data.
type Covers struct {
	From string `yaml:"from"` // a date, or a date and time; without offset in the reporting zone
	To   string `yaml:"to"`   // as From; a date means the end of that day

	Start time.Time `yaml:"-"` // parsed from From; zero: not stated
	End   time.Time `yaml:"-"` // parsed from To, exclusive; zero: not stated
}

// FieldMap says where one canonical field comes from. Either From or Value is
// set. The order of work: From, Pattern, Split, Map, Default.
type FieldMap struct {
	From    []string          `yaml:"from"`    // columns or paths; the first that is not null wins
	Value   *string           `yaml:"value"`   // the same fixed value for every record
	Map     map[string]string `yaml:"map"`     // the source's value → ours; what it does not cover is reported as unmapped
	Default *string           `yaml:"default"` // stands in for a missing value, and for one that Map does not cover
	Pattern string            `yaml:"pattern"` // a regular expression: what its group (or it whole) matches in the text is the value; for a list every match
	Split   string            `yaml:"split"`   // separates several values in one text, for a field of KindList; empty: one value
	Layouts []string          `yaml:"layout"`  // for KindTime never empty after Load: the source's unless stated here
	Zone    string            `yaml:"zone"`    // for KindTime never empty after Load: the source's unless stated here

	// Optional: the mapping comes from a preset, so an export may lack the
	// columns. A field that is Required in Fields needs one of them anyway.
	Optional bool `yaml:"-"`
}

// Location is the zone of times without an offset.
func (t Times) Location() *time.Location { return zone(t.Zone) }

// Location is the zone of this field's times without an offset.
func (f FieldMap) Location() *time.Location { return zone(f.Zone) }

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC // Load has refused what does not load
	}
	return loc
}
