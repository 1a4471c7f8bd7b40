package simulate

import (
	"reflect"
	"testing"
)

// A page has no place for what customers noticed, a ticket none for the alert.
func TestRecordedIsWhatTheToolsTell(t *testing.T) {
	whole := Incident{AlertKey: "disk", CustomerImpact: yes(), Cause: "dust", Closed: AsOf}
	for _, c := range []struct {
		held Held
		want Incident
	}{
		{Held{}, whole},
		{Held{Pager: true, Tracker: true}, whole},
		{Held{Pager: true}, Incident{AlertKey: "disk", DetectedBy: "monitoring"}},
		{Held{Tracker: true}, Incident{CustomerImpact: whole.CustomerImpact, Cause: "dust", Closed: AsOf}},
	} {
		i := whole
		i.Held, c.want.Held = c.held, c.held
		if got := i.Recorded(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %+v\nwant %+v", got, c.want)
		}
	}
}
