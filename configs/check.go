package configs

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check validates what the decoder has read, and parses what the config gives
// as text: zones, moments, the week's end.
func (d *decoder) check(c *Config) {
	c.location = d.zone(under("", "timezone"), c.Timezone)
	d.warehouse(c.Warehouse)
	d.keep(&c.Warehouse)
	d.weekly(&c.Weekly)
	if n := c.Monthly.IssueOnWorkday; n < 1 || n > 20 {
		d.at(under("", "monthly", "issue_on_workday"), fmt.Sprintf("issue_on_workday is %d", n), "give a working day from 1 to 20")
	}
	if strings.TrimSpace(c.Reports.Dir) == "" {
		d.at(under("", "reports", "dir"), "reports.dir is empty", "name a folder, or leave the key out for public")
	}
	d.site(c.Reports.URL)
	if f := c.Monitoring.Textfile; f != "" && filepath.Ext(f) != ".prom" {
		d.at(under("", "monitoring", "textfile"), fmt.Sprintf("the textfile %s does not end in .prom", f), "node_exporter reads no other file: call it srekpi.prom")
	}
	d.serve(c.Serve)
	for i, n := range c.Incidents.Major {
		if n < 1 || n > 5 {
			d.at(under("", "incidents", "major", strconv.Itoa(i)), fmt.Sprintf("severity %d does not exist", n), "severities are 1 (worst) to 5")
		}
	}
	for i, status := range c.Incidents.OnHold {
		if strings.TrimSpace(status) == "" {
			d.at(under("", "incidents", "on_hold", strconv.Itoa(i)), "the status is empty", "name a status as people see it, such as Parked, or write on_hold: [] if nothing ever waits")
		}
	}
	d.services(c.Services)
	d.rules(c)
	for i := range c.Annotations {
		a, path := &c.Annotations[i], under("", "annotations", strconv.Itoa(i))
		a.Time, _ = d.moment(under(path, "at"), "at", a.At, c.location)
		if a.Title == "" {
			d.at(path, "the annotation has no title", "say in a few words what changed")
		}
	}
	if len(c.Sources) == 0 {
		d.at(under("", "sources"), "there are no sources", "add one, or write a start with: srekpi init file")
	}
	d.network(c.Network)
	d.identity(c)
	d.patterns(under("", "changes", "cited_as"), c.Changes.CitedAs)
	first := map[string]int{}
	for i := range c.Sources {
		s, path := &c.Sources[i], under("", "sources", strconv.Itoa(i))
		if j, twice := first[s.Name]; twice && s.Name != "" {
			d.at(under(path, "name"), fmt.Sprintf("the name %q is taken by source %d", s.Name, j+1), "ids begin with it: choose another")
		} else {
			first[s.Name] = i
		}
		d.checkSource(s, path, c.location)
	}
}

// site checks the address at which the pages are served.
func (d *decoder) site(address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	switch path := under("", "reports", "url"); {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		d.at(path, "reports.url is not a web address", "write it like https://reports.example.com/srekpi, or leave the key out") // err may show a password
	case u.User != nil:
		d.at(path, "reports.url holds a credential", "take it out: it would stand in every mail")
	case u.Scheme != "https":
		d.at(path, `reports.url begins with "http://"`, "use https: the figures are not for everybody on the way")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		d.at(path, "reports.url goes beyond a path", "leave out ? and # and what follows")
	}
}

func (d *decoder) weekly(w *Weekly) {
	w.Weekday, w.Offset = d.weekTime(under("", "weekly", "ends"), "weekly.ends", w.Ends)
}

// weekTime reads a weekday and a time of day: monday 18:00.
func (d *decoder) weekTime(path, key, text string) (time.Weekday, time.Duration) {
	day, clock, _ := strings.Cut(strings.TrimSpace(text), " ")
	wd, known := weekday(day)
	at, ok := timeOfDay(strings.TrimSpace(clock))
	if !known || !ok {
		d.at(path, fmt.Sprintf("%s %q is not a weekday and a time", key, text), "write it like: monday 00:00")
	}
	return wd, at
}

func weekday(name string) (time.Weekday, bool) {
	for wd := time.Sunday; wd <= time.Saturday; wd++ {
		if strings.EqualFold(strings.TrimSpace(name), wd.String()) {
			return wd, true
		}
	}
	return 0, false
}

// timeOfDay reads 08:00 as the time since midnight.
func timeOfDay(text string) (time.Duration, bool) {
	at, err := time.Parse("15:04", text)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, err == nil
}

func (d *decoder) services(services []Service) {
	first := map[string]bool{}
	for i, s := range services {
		path := under("", "services", strconv.Itoa(i))
		switch {
		case s.Name == "":
			d.at(path, "the service has no name", "give it the name that the sources use")
		case first[s.Name]:
			d.at(under(path, "name"), fmt.Sprintf("the service %q is here a second time", s.Name), "keep one of them")
		}
		first[s.Name] = true
	}
}

func (d *decoder) checkSource(s *Source, path string, reporting *time.Location) {
	if strings.Trim(s.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Trim(s.Name, "-") == "" || s.Name[0] == '-' {
		message := fmt.Sprintf("the source's name is %q", s.Name)
		if s.Name == "" {
			message = "the source has no name"
		}
		d.at(under(path, "name"), message, "use a-z, 0-9 and -, like servicenow-changes")
	}
	d.oneOf(path, "type", s.Type, []string{TypeFile, TypeJira, TypePagerDuty})
	if s.API() {
		d.layouts(under(path, "times", "layout"), s.Times.Layouts)
		d.zone(under(path, "times", "zone"), s.Times.Zone)
		d.checkAPI(s, path)
		return
	}
	d.checkFile(s, path, reporting)
}

// checkFile validates a source of files.
func (d *decoder) checkFile(s *Source, path string, reporting *time.Location) {
	if s.URL != "" || s.Token != (Secret{}) {
		d.at(path, "url and token are of APIs and do not go with type: file", "remove them, or set type: jira or pagerduty")
	}
	if s.Preset != "" {
		d.oneOf(path, "preset", s.Preset, filePresets())
	}
	d.oneOf(path, "entity", s.Entity, []string{EntityIncident, EntityChange})
	d.oneOf(path, "encoding", s.Encoding, []string{EncodingUTF8, EncodingCP1252, EncodingUTF16})
	d.oneOf(path, "shape", s.Shape, []string{ShapeRecords, ShapeEvents})
	d.paths(s, path)
	d.delimiter(s, path)
	d.layouts(under(path, "times", "layout"), s.Times.Layouts)
	d.zone(under(path, "times", "zone"), s.Times.Zone)
	d.covers(&s.Covers, under(path, "covers"), reporting)
	if s.Shape == ShapeEvents {
		if s.Latest != "" {
			d.at(under(path, "latest"), "latest does not go with shape: events, where every row counts", "remove one of them")
		}
		if s.Entity == EntityChange {
			d.at(under(path, "shape"), "shape: events is for incidents", "use shape: records for changes")
		}
	}
	d.mappings(s, path)
}

func (d *decoder) oneOf(path, key, value string, known []string) {
	switch {
	case value == "":
		d.at(path, "the source has no "+key, "add "+key+": "+strings.Join(known, " or "))
	case !slices.Contains(known, value):
		d.at(under(path, key), fmt.Sprintf("unknown %s %q", key, value), instead(value, known))
	}
}

func (d *decoder) paths(s *Source, path string) {
	if len(s.Paths) == 0 || slices.Contains(s.Paths, "") {
		d.at(under(path, "path"), "the source has no path", "add path: exports/*.csv, relative to this file")
		return
	}
	formats := []string{FormatCSV, FormatTSV, FormatJSONL, FormatJSON}
	switch {
	case s.Format == "":
		d.at(under(path, "path"), "the path's ending does not tell the format", "add format: "+strings.Join(formats, " or "))
	default:
		d.oneOf(path, "format", s.Format, formats)
	}
	for i, p := range s.Paths {
		if !validGlob(p) {
			d.at(under(path, "path", strconv.Itoa(i)), fmt.Sprintf("the pattern %q is not closed", p), "close its [ or {, or put \\ before it")
		}
	}
}

func (d *decoder) delimiter(s *Source, path string) {
	switch json := s.Format == FormatJSONL || s.Format == FormatJSON; {
	case json && s.Delimiter != "":
		d.at(under(path, "delimiter"), "a delimiter does not go with format: "+s.Format, "remove it")
	case !json && (len(s.Delimiter) > 1 || s.Delimiter > "\x7f"), s.Delimiter == `"`, s.Delimiter == "\n", s.Delimiter == "\r":
		d.at(under(path, "delimiter"), fmt.Sprintf("the delimiter %q cannot part columns", s.Delimiter), `give one ASCII character, like ";" or "\t"`)
	}
}

func (d *decoder) layouts(path string, layouts []string) {
	for i, l := range layouts {
		if err := checkLayout(l); err != nil {
			d.at(under(path, strconv.Itoa(i)), fmt.Sprintf("the layout %q cannot be read: %v", l, err), "write it like dd-MM-yyyy HH:mm, or iso, epoch, epoch_ms")
		}
	}
}

func (d *decoder) zone(path, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		d.at(path, fmt.Sprintf("unknown time zone %q", name), "use an IANA name like Europe/Berlin or UTC")
		return time.UTC
	}
	return loc
}

func (d *decoder) covers(c *Covers, path string, loc *time.Location) {
	var date bool
	if c.From != "" {
		c.Start, _ = d.moment(under(path, "from"), "covers.from", c.From, loc)
	}
	if c.To != "" {
		if c.End, date = d.moment(under(path, "to"), "covers.to", c.To, loc); date {
			c.End = c.End.In(loc).AddDate(0, 0, 1).UTC() // the whole day is meant
		}
	}
	if !c.Start.IsZero() && !c.End.IsZero() && !c.Start.Before(c.End) {
		d.at(under(path, "from"), fmt.Sprintf("covers.from %s is not before covers.to %s", c.From, c.To), "swap them")
	}
}

// moment reads a date or a date and time in the reporting zone.
func (d *decoder) moment(path, key, text string, loc *time.Location) (at time.Time, date bool) {
	at, ok := parseISO(text, loc)
	if !ok {
		d.at(path, fmt.Sprintf("%s %q is neither a date nor a time", key, text), "write it like 2024-05-31 or 2024-05-31 14:00")
	}
	return at, len(text) == len("2024-05-31")
}
