package ingest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// shifts expects the warehouse to show these entries, and no others that are not
// wholly past.
func (d *duty) shifts() {
	d.Helper()
	var want []string
	o := d.oracle()
	for from := d.reach; from.Before(d.theirs()); from = from.AddDate(0, 0, 60) {
		until := from.AddDate(0, 0, 60)
		if end := d.theirs().Add(oncallAhead); until.After(end) {
			until = end
		}
		want = append(want, o.all("/oncalls?time_zone=UTC&since="+pagerdutyTime(from)+"&until="+pagerdutyTime(until), "oncalls")...)
	}
	slices.Sort(want)
	d.same("oncall", slices.Compact(want))
}

func TestPagerDutyOncallShifts(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.shifts()
	d.want([]string{"PEP0001/3/-/PUS0001/-"}, "SELECT DISTINCT id FROM raw_records WHERE entity = 'oncall' AND id LIKE 'PEP0001/3/%'")

	// Nothing has changed: nothing lands again.
	d.pass(time.Hour)
	if got := d.sync(); got.Landed["oncall"] != 0 {
		t.Errorf("%d shifts landed again", got.Landed["oncall"])
	}
	d.shifts()
}

// A planned shift is given to somebody else, the one under way ends early, one is
// moved, and somebody who always was on call is not any more.
func TestPagerDutyShiftsAreReplaced(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.pass(time.Hour)
	now := d.theirs()
	var replaced, past int
	var always []pagerdutyapi.Oncall
	d.api.Update(func(a *pagerdutyapi.Account) {
		var plan []pagerdutyapi.Oncall
		for _, o := range a.Oncalls {
			switch {
			case o.Start.IsZero() && o.Policy.ID == "PEP0001":
				always = append(always, o)
				continue
			case o.Start.After(now) && o.Start.Before(now.Add(oncallAhead)) && o.Level == 1:
				o.User = a.Users[11]
				replaced++
			case o.Start.After(now) && o.Start.Before(now.Add(oncallAhead)):
				o.Start = o.Start.Add(2 * time.Hour)
				replaced++
			case !o.Start.IsZero() && !o.Start.After(now) && o.End.After(now):
				rest := o
				o.End, rest.Start, rest.User = now.Add(time.Hour), now.Add(time.Hour), a.Users[10]
				plan = append(plan, rest)
			}
			plan = append(plan, o)
		}
		a.Oncalls = plan
	})
	if replaced < 4 {
		t.Fatal("the sample plans too little")
	}
	d.sync()
	// The one who always was on call was so until now.
	ended := "SELECT argMax((payload, deleted), seq).1 FROM raw_records WHERE id = 'PEP0001/3/-/PUS0001/-'"
	if got := d.rows(ended)[0]; !strings.HasSuffix(got, `"start":null,"end":"2026-03-31T10:00:00Z"}`) || !strings.Contains(got, `"user":{"id":"PUS0001"`) {
		t.Error(got)
	}
	d.pass(time.Hour)
	if got := d.sync(); got.Landed["oncall"] > 0 || got.Gone > 0 {
		t.Errorf("it ended twice: %+v", got)
	}
	d.api.Update(func(a *pagerdutyapi.Account) { a.Oncalls = append(a.Oncalls, always...) })
	d.sync()
	d.shifts()
	d.api.Update(func(a *pagerdutyapi.Account) { a.Oncalls = a.Oncalls[:len(a.Oncalls)-1] })
	d.sync()
	d.want([]string{`{"deleted":"superseded"}`}, "SELECT DISTINCT payload FROM raw_records WHERE entity = 'oncall' AND deleted = 1")

	// History stays, even where the vendor forgets it.
	before := len(d.shown("oncall"))
	d.api.Update(func(a *pagerdutyapi.Account) {
		a.Oncalls = slices.DeleteFunc(a.Oncalls, func(o pagerdutyapi.Oncall) bool {
			gone := !o.End.IsZero() && o.End.Before(now)
			if gone {
				past++
			}
			return gone
		})
	})
	d.pass(time.Minute)
	got := d.sync(func(o *Options) { o.Full = true })
	if n := len(d.shown("oncall")); n != before || past == 0 {
		t.Errorf("%d shifts, %d before; %d past ones were forgotten; %+v", n, before, past, got.Landed)
	}

	// One that was taken back comes again.
	d.api.Update(func(a *pagerdutyapi.Account) {
		a.Oncalls = append(a.Oncalls, pagerdutyapi.Oncall{Policy: a.Policies[0], Level: 3, User: a.Users[0]})
	})
	d.sync()
	if n := len(d.shown("oncall")); n != before {
		t.Errorf("%d shifts, want %d", n, before)
	}
	if got := d.rows(ended)[0]; !strings.HasSuffix(got, `"start":null,"end":null}`) {
		t.Error(got)
	}
}

// Only the shifts of the policies that the config's services name, or its teams
// own, are wanted; what it left out before stays as it was.
func TestPagerDutyOncallScope(t *testing.T) {
	for by, c := range map[string]struct{ id, policy string }{"services": {"PSV0005", "PEP0002"}, "teams": {"PTE0002", "PEP0001"}} {
		t.Run(by, func(t *testing.T) {
			d := sampleDuty(t)
			all := d.lines
			d.lines += ", " + by + ": [" + c.id + "]"
			var asked []string
			d.watch(func(_ int, r *http.Request) {
				if r.URL.Path == "/oncalls" {
					asked = append(asked, strings.Join(r.URL.Query()["escalation_policy_ids[]"], ","))
				}
			})
			d.sync()
			d.want([]string{c.policy}, "SELECT DISTINCT splitByChar('/', id)[1] FROM raw_records WHERE entity = 'oncall'")
			if slices.Sort(asked); !slices.Equal(slices.Compact(asked), []string{c.policy}) {
				t.Error(asked)
			}
			narrow := d.lines
			d.lines = all
			d.sync()
			d.shifts()
			d.lines = narrow
			d.pass(time.Minute)
			d.sync()
			d.shifts()

			// No policy is not all of them.
			d.lines = all + ", " + by + ": [PNONE]"
			got := d.sync()
			if n := got.Landed["oncall"]; n > 0 || !slices.ContainsFunc(got.Warnings, func(w string) bool { return strings.Contains(w, "no escalation policy") }) {
				t.Error(n, got.Warnings)
			}
		})
	}
}
