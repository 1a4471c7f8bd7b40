package configs

import (
	"testing"
	"time"
)

func TestTimesAreReadAsTheLayoutSays(t *testing.T) {
	for _, test := range []struct{ layout, zone, text, want string }{
		{"dd-MM-yyyy HH:mm", "UTC", "29-02-2016 01:16", "2016-02-29T01:16:00Z"},
		{"dd-MM-yyyy HH:mm", "Australia/Melbourne", " 02-03-2016 11:28 ", "2016-03-02T00:28:00Z"},
		{"d/M/yyyy H:mm", "UTC", "2/3/2016 9:05", "2016-03-02T09:05:00Z"},
		{"dd/MMM/yy h:mm a", "UTC", "12/Jan/24 3:04 pm", "2024-01-12T15:04:00Z"},
		{"EEE, d MMMM yyyy 'at' HH:mm", "UTC", "Fri, 31 May 2024 at 14:00", "2024-05-31T14:00:00Z"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "Europe/Berlin", "2024-05-31T14:00:00.250+0530", "2024-05-31T08:30:00.25Z"},
		{"iso", "Europe/Berlin", "2024-05-31", "2024-05-30T22:00:00Z"},
		{"iso", "Europe/Berlin", "2024-05-31 14:00", "2024-05-31T12:00:00Z"},
		{"iso", "Europe/Berlin", "2024-05-31T14:00:00.123456", "2024-05-31T12:00:00.123456Z"},
		{"iso", "Europe/Berlin", "2024-05-31T14:00:00Z", "2024-05-31T14:00:00Z"},
		{"iso", "UTC", "2024-05-31T14:00:00.5+0200", "2024-05-31T12:00:00.5Z"},
		{"iso", "UTC", "2024-05-31 14:00-03", "2024-05-31T17:00:00Z"},
		{"epoch", "UTC", "1717164000.5", "2024-05-31T14:00:00.5Z"},
		{"epoch_ms", "UTC", "1717164000250", "2024-05-31T14:00:00.25Z"},
		{"dd-MM-yyyy HH:mm", "UTC", "2016-02-29 01:16", ""},
		{"dd-MM-yyyy", "UTC", "31-02-2016", ""},
		{"iso", "UTC", "31.05.2024", ""},
		{"iso", "UTC", "2024-05-31T", ""},
		{"iso", "UTC", "", ""},
		{"epoch", "UTC", "1e300", ""},
		{"epoch", "UTC", "NaN", ""},
	} {
		got, ok := Times{Layouts: []string{test.layout}, Zone: test.zone}.Parser()(test.text)
		if text := got.Format(time.RFC3339Nano); ok != (test.want != "") || ok && text != test.want {
			t.Errorf("%s %q: got %s %t, want %s", test.layout, test.text, text, ok, test.want)
		}
	}
}

func TestFirstLayoutThatFitsWins(t *testing.T) {
	parse := Times{Layouts: []string{"dd.MM.yyyy", "MM/dd/yyyy", "iso"}, Zone: "UTC"}.Parser()
	for text, want := range map[string]time.Month{"02.03.2016": time.March, "02/03/2016": time.February, "2016-04-01": time.April} {
		if got, ok := parse(text); !ok || got.Month() != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
