package model

import (
	"context"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // zones also where the machine has none
)

func offsetsOf(zone, from, until string) []string {
	var out []string
	at := func(text string) time.Time {
		t, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			panic(err)
		}
		return t
	}
	for _, r := range zoneRows(zone, at(from), at(until)) {
		const layout = "2006-01-02 15:04"
		out = append(out, fmt.Sprintf("%s: %s to %s %+d", r[0], r[1].(time.Time).Format(layout), r[2].(time.Time).Format(layout), r[3]))
	}
	return out
}

// Each time between two changes of the clocks is a row; they meet without a gap
// and hold the whole range.
func TestZoneOffsetsChangeWithTheClocks(t *testing.T) {
	for _, c := range []struct {
		zone, from, until string
		want              []string
	}{
		{"Australia/Melbourne", "2026-01-01 00:00", "2026-12-01 00:00", []string{
			"Australia/Melbourne: 2026-01-01 00:00 to 2026-04-04 16:00 +39600",
			"Australia/Melbourne: 2026-04-04 16:00 to 2026-10-03 16:00 +36000",
			"Australia/Melbourne: 2026-10-03 16:00 to 2026-12-01 00:00 +39600"}},
		{"Europe/Berlin", "2026-10-25 01:00", "2026-10-26 00:00", []string{"Europe/Berlin: 2026-10-25 01:00 to 2026-10-26 00:00 +3600"}},
		{"Asia/Kolkata", "2026-01-01 00:00", "2026-12-01 00:00", []string{"Asia/Kolkata: 2026-01-01 00:00 to 2026-12-01 00:00 +19800"}},
		{"UTC", "2026-01-01 00:00", "2026-12-01 00:00", []string{"UTC: 2026-01-01 00:00 to 2026-12-01 00:00 +0"}},
		{"America/Lima", "2026-01-01 00:00", "2026-01-01 00:00", []string{"America/Lima: 2026-01-01 00:00 to 2026-01-01 00:00 -18000"}},
		{"Mars/Olympus", "2026-01-01 00:00", "2026-12-01 00:00", nil},
		{"../etc/passwd", "2026-01-01 00:00", "2026-12-01 00:00", nil},
		{"Local", "2026-01-01 00:00", "2026-12-01 00:00", nil},
		{"", "2026-01-01 00:00", "2026-12-01 00:00", nil},
	} {
		if got := offsetsOf(c.zone, c.from, c.until); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q from %s until %s:\n got %q\nwant %q", c.zone, c.from, c.until, got, c.want)
		}
	}
}

// The zones are those of people who are still there, and the range reaches to
// as-of itself, so that a page of its last moment is known.
func TestZoneOffsetsAreThoseOfPeople(t *testing.T) {
	conn := database(t, "stg_people", "build_sources")
	rows := func() []string {
		t.Helper()
		in := zoneOffsetsInput()
		b := &Building{ID: 1, AsOf: asOf, conn: conn}
		made, err := in.Rows(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range made {
			out = append(out, fmt.Sprint(r...))
		}
		return out
	}
	mustExec(t, conn, `INSERT INTO stg_people (source, id, version, deleted, time_zone) VALUES
		('pd', 'u1', 1, 0, 'Asia/Tokyo'), ('pd', 'u2', 1, 0, 'Asia/Tokyo'), ('pd', 'u3', 1, 0, ''), ('pd', 'u4', 1, 0, 'Mars/Olympus'),
		('pd', 'u5', 1, 0, 'Europe/Berlin'), ('pd', 'u5', 2, 0, 'America/Lima'), ('pd', 'u6', 1, 0, 'UTC'), ('pd', 'u6', 2, 1, 'UTC')`)
	if got := rows(); len(got) > 0 {
		t.Errorf("nothing is collected, and there are %v", got)
	}
	mustExec(t, conn, "INSERT INTO build_sources (build, source, collected_from, collected_to) VALUES (1, 'pd', '2026-10-01 00:00:00', '2026-10-31 00:00:00'), (1, 'file', NULL, NULL)")
	got := rows()
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Add(-calendarBack)
	want := []string{fmt.Sprint("America/Lima", from, asOf.Add(time.Millisecond), -18000), fmt.Sprint("Asia/Tokyo", from, asOf.Add(time.Millisecond), 32400)}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
