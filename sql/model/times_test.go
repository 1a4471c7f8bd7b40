package model

import (
	"fmt"
	"strings"
	"testing"
)

// Times are read in the zone of the field or the source, by the first layout
// that fits, and are UTC from then on.
func TestStageTimes(t *testing.T) {
	for _, c := range []struct{ layouts, zone, text, want string }{
		{"iso", "UTC", "2026-10-01T10:00:00Z", "2026-10-01 10:00:00.000"},
		{"iso", "UTC", "2026-10-01 10:00:00.250", "2026-10-01 10:00:00.250"},
		{"iso", "UTC", "2026-10-01T10:00", "2026-10-01 10:00:00.000"},
		{"iso", "UTC", "2026-10-01", "2026-10-01 00:00:00.000"},
		{"iso", "Europe/Berlin", "2026-10-01", "2026-09-30 22:00:00.000"},
		{"iso", "UTC", "2026-10-01T10:00:00+02:00", "2026-10-01 08:00:00.000"},
		{"iso", "UTC", "2026-10-01T10:00:00.000+0200", "2026-10-01 08:00:00.000"},
		{"iso", "UTC", "2026-10-01T10:00:00-05:30", "2026-10-01 15:30:00.000"},
		{"iso", "Australia/Melbourne", "2026-10-01T10:00:00Z", "2026-10-01 10:00:00.000"},
		{"iso", "Australia/Melbourne", "2026-10-03T10:00:00", "2026-10-03 00:00:00.000"},
		{"iso", "Australia/Melbourne", "2026-10-05T10:00:00", "2026-10-04 23:00:00.000"}, // after the clocks went forward
		{"dd-MM-yyyy HH:mm", "UTC", "02-03-2016 11:28", "2016-03-02 11:28:00.000"},
		{"dd-MM-yyyy HH:mm", "Europe/Berlin", "28-03-2026 12:00", "2026-03-28 11:00:00.000"},
		{"dd-MM-yyyy HH:mm", "Europe/Berlin", "29-03-2026 12:00", "2026-03-29 10:00:00.000"},
		// On the days on which the clocks change, before and after the change.
		{"dd-MM-yyyy HH:mm", "Europe/Berlin", "29-03-2026 01:00", "2026-03-29 00:00:00.000"},
		{"dd-MM-yyyy HH:mm", "Europe/Berlin", "25-10-2026 01:00", "2026-10-24 23:00:00.000"},
		{"dd-MM-yyyy HH:mm", "Europe/Berlin", "25-10-2026 03:30", "2026-10-25 02:30:00.000"},
		{"dd-MM-yyyy HH:mm:ss.SSS", "Europe/Berlin", "25-10-2026 01:00:00.250", "2026-10-24 23:00:00.250"},
		{"dd-MM-yyyy HH:mm Z", "Europe/Berlin", "25-10-2026 01:00 +0000", "2026-10-25 01:00:00.000"},
		{"dd/MMM/yy h:mm a", "UTC", "05/Oct/26 3:07 PM", "2026-10-05 15:07:00.000"},
		{"M/d/yyyy HH:mm:ss", "UTC", "3/2/2016 09:05:01", "2016-03-02 09:05:01.000"},
		{"yyyyMMdd", "UTC", "20261005", "2026-10-05 00:00:00.000"},
		{"[dd-MM-yyyy, iso]", "UTC", "2026-10-05 10:00", "2026-10-05 10:00:00.000"},
		{"[iso, dd/MM/yyyy]", "UTC", "03/02/2016", "2016-02-03 00:00:00.000"},
		{"[dd/MM/yyyy, MM/dd/yyyy]", "UTC", "03/02/2016", "2016-02-03 00:00:00.000"},
		{"[dd/MM/yyyy, MM/dd/yyyy]", "UTC", "03/22/2016", "2016-03-22 00:00:00.000"},
		{"epoch", "Europe/Berlin", "1790000000", "2026-09-21 14:13:20.000"},
		{"epoch", "UTC", "1790000000.25", "2026-09-21 14:13:20.250"},
		{"epoch_ms", "UTC", "1790000000250", "2026-09-21 14:13:20.250"},
		{"[iso, epoch_ms]", "UTC", "1790000000250", "2026-09-21 14:13:20.250"},
	} {
		t.Run(strings.NewReplacer("/", "-", " ", "_").Replace(c.layouts+" "+c.zone+" "+c.text), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, fmt.Sprintf("\n  - {name: x, type: file, entity: incident, path: x.csv, times: {zone: Asia/Tokyo, layout: epoch}, fields: {id: id, created_at: {from: c, layout: %s, zone: %s}}}\n",
				quoted(c.layouts), c.zone))
			s.land(1, fmt.Sprintf(`{"id":"1","c":%q}`, c.text))
			s.stage(false)
			s.want("SELECT reason FROM quarantine")
			s.want("SELECT created_at FROM stg_incidents FINAL", c.want)
		})
	}
}

// quoted keeps YAML from reading a layout as something else.
func quoted(layouts string) string {
	list := strings.Split(strings.Trim(layouts, "[]"), ", ")
	return `["` + strings.Join(list, `", "`) + `"]`
}

// Numbers of JSON are times as well as texts are.
func TestStageTimesOfJSONNumbers(t *testing.T) {
	s := newSite(t, "\n  - {name: x, type: file, entity: incident, path: x.jsonl, times: {layout: epoch_ms}, fields: {id: id, created_at: c, resolved_at: r}}\n")
	s.land(1, `{"id":"1","c":1790000000250,"r":null}`)
	s.stage(false)
	s.want("SELECT created_at, resolved_at FROM stg_incidents FINAL", "2026-09-21 14:13:20.250 | NULL")
}
