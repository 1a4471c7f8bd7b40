package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

// at does something once, before the nth request to a path.
func (d *desk) at(path string, n int, do func()) {
	seen := 0
	d.watch(func(_ int, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, path) {
			if seen++; seen == n {
				do()
			}
		}
	})
}

// A run that fails half-way does not move the watermark; the next one goes on at
// its cursor, and then asks for what changed since the first one began.
func TestJiraFailureHalfWay(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.smallPages()
		d.at(searches, 6, func() {
			d.between(on(searches, func(next http.Handler) http.Handler {
				return misbehave.Handler(next, misbehave.Always(misbehave.Internal500))
			}))
			// This issue has been read. A watermark of the newest record would hide it.
			d.pass(5 * time.Minute)
			d.change(func(j *jiraapi.Site) { d.edit(j.Issues[0], "behind the cursor") })
		})
		failed, err := d.try()
		if err != nil || failed.Err == nil || !strings.Contains(failed.Err.Error(), "500") {
			d.Fatal(err, failed.Err)
		}
		d.want([]string{"1"}, `SELECT toString(count()) FROM positions FINAL WHERE stream = 'issues' AND position NOT LIKE '%"mark"%'`)
		d.want([]string{"failed"}, "SELECT status FROM sync_runs FINAL")
		d.between(nil)
		d.pass(3 * time.Hour)
		d.watch(nil)
		got := d.sync()
		d.tells()
		if landed := failed.Landed["issue"] + got.Landed["issue"]; failed.Landed["issue"] < 30 || landed > 200 {
			d.Errorf("%d issues landed, then %d: the second run did not go on", failed.Landed["issue"], got.Landed["issue"])
		}
	})
}

// What changes while it is paged is caught, whether it was read already or not.
func TestJiraChangesWhilePaging(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		pages := 0
		d.watch(func(_ int, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, searches) {
				return
			}
			if pages++; pages > 9 {
				return
			}
			d.pass(20 * time.Second)
			d.change(func(j *jiraapi.Site) {
				for n := range 3 {
					d.edit(j.Issues[(pages*41+n*50)%len(j.Issues)], fmt.Sprint("while paging ", pages))
				}
			})
		})
		d.sync()
		d.watch(nil)
		d.pass(time.Hour)
		d.sync()
		d.tells()
	})
}

// Issues that leave the answer move all behind them to the front; what is read
// by offset then skips some.
func TestJiraOffsetDrift(t *testing.T) {
	s := newSite(t)
	for _, leave := range []int{1, 7, 45} {
		t.Run(fmt.Sprint(leave), func(t *testing.T) {
			d := deskAt(t, s, false, jiraapi.Options{})
			d.lines += ", projects: [OPS, REL, WEB]"
			pages, hidden := 0, 0
			d.watch(func(_ int, r *http.Request) {
				if r.URL.Path != searches {
					return
				}
				if pages++; pages == 3 || pages == 5 {
					d.pass(time.Second)
					d.change(func(j *jiraapi.Site) {
						for range leave { // the first ones, also the last that was read
							j.Issues[hidden].Hidden = true
							hidden++
						}
						joins := *j.Issues[100]
						joins.ID, joins.Key = fmt.Sprint(88000+pages), fmt.Sprint("OPS-", 8000+pages)
						joins.Created, joins.Updated, joins.Histories = j.Issues[20].Created, d.theirs(), nil
						j.Issues = append(j.Issues, &joins)
					})
				}
			})
			d.sync()
			want, _, _ := d.truth("created >= 2000-01-01")
			got := d.shown("issue")
			for id, payload := range want {
				if got[id] != payload {
					t.Fatalf("issue %s is lost, %d are there", id, len(got))
				}
			}
		})
	}
}

// Every run asks from a minute of the account's wall clock on. Around the
// changes of the clock too, whatever the zone is, nothing is lost.
func TestJiraZones(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"} {
		t.Run(zone, func(t *testing.T) {
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			s := &jiraSource{zone: location}
			// The hours around both changes of 2024, at odd seconds.
			for _, day := range []string{"2024-03-10", "2024-03-31", "2024-04-06", "2024-10-05", "2024-10-27", "2024-11-03"} {
				begin, _ := time.Parse(time.DateOnly, day)
				for at := begin.Add(-4 * time.Hour); at.Before(begin.Add(30 * time.Hour)); at = at.Add(7*time.Minute + 13*time.Second) {
					wall := strings.Trim(strings.TrimPrefix(s.updatedSince(at), "updated >= "), `"`)
					for _, meant := range meanings(t, wall, location) {
						if meant.After(at) {
							t.Fatalf("%s asks from %s on, which may be %s", at, wall, meant.UTC())
						}
						if at.Sub(meant) > 4*time.Hour {
							t.Fatalf("%s asks from %s on, which may be %s", at, wall, meant.UTC())
						}
					}
				}
			}
		})
	}
}

// meanings are all moments at which a wall clock shows a time.
func meanings(t *testing.T, wall string, zone *time.Location) (all []time.Time) {
	shown, err := time.Parse("2006/01/02 15:04", wall)
	if err != nil {
		t.Fatal(err)
	}
	for _, near := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
		_, offset := shown.Add(near).In(zone).Zone()
		at := shown.Add(-time.Duration(offset) * time.Second)
		if at.In(zone).Format("2006/01/02 15:04") == wall {
			all = append(all, at)
		}
	}
	if all == nil {
		t.Fatalf("%s does not show %s", zone, wall)
	}
	return all
}

func TestJiraSyncsOverAClockChange(t *testing.T) {
	s := newSite(t)
	for name, clock := range map[string]string{"Back": "2024-10-26T23:17:40Z", "Forward": "2024-03-30T23:17:40Z"} {
		t.Run(name, func(t *testing.T) {
			at, _ := time.Parse(time.RFC3339, clock)
			j := jiraapi.Sample(20, at.Add(-time.Hour))
			j.Zone = "Europe/Berlin"
			s.wipe()
			d := newDesk(t, s, j, jiraapi.Options{})
			d.time = at
			for n := range 6 {
				d.sync()
				d.pass(11 * time.Minute)
				d.change(func(j *jiraapi.Site) { d.edit(j.Issues[n], "edited") })
				d.pass(26 * time.Minute)
			}
			d.sync()
			d.pass(time.Minute)
			d.tells()
		})
	}
}

// A zone that is not known here must not lose anything either.
func TestJiraUnknownZone(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.change(func(j *jiraapi.Site) { j.Zone = "America/New_York" })
	d.between(on("/rest/api/2/myself", forge(func(_, answer []byte) []byte {
		return bytes.ReplaceAll(answer, []byte("America/New_York"), []byte("GMT-04:00"))
	})))
	got := d.sync()
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], `"GMT-04:00"`) {
		t.Error(got.Warnings)
	}
	d.pass(time.Hour)
	d.change(func(j *jiraapi.Site) { d.edit(j.Issues[3], "edited") })
	d.pass(time.Hour)
	d.sync()
	d.tells()
}

// The watermark is the Jira's clock, not ours.
func TestJiraClockSkew(t *testing.T) {
	s := newSite(t)
	for name, ahead := range map[string]time.Duration{"Ahead": 40 * time.Minute, "Behind": -40 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			dialectsAt(t, s, jiraapi.Options{}, func(d *desk) {
				d.ours = ahead
				for n := range 2 {
					d.sync()
					d.pass(12 * time.Minute)
					d.change(func(j *jiraapi.Site) { d.edit(j.Issues[n], "edited") })
					d.pass(3 * time.Minute)
				}
				d.sync()
				d.tells()
			})
		})
	}
}

// Searches show a change minutes after it happened, and the state before until
// then.
func TestJiraLag(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{Lag: 6 * time.Minute})
	d.sync()
	for n := range 5 {
		d.pass(4 * time.Minute)
		d.change(func(j *jiraapi.Site) { d.edit(j.Issues[n], "edited late") })
		d.pass(time.Minute)
		d.sync()
	}
	d.pass(7 * time.Minute)
	d.sync()
	d.tells()
}

// A first sync that is stopped anywhere, and again, goes on where it stopped.
func TestJiraStoppedAndResumed(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.smallPages()
		var total uint64
		for _, n := range []int{2, 7, 9, 11, 13} {
			ctx, cancel := context.WithCancel(context.Background())
			d.watch(nil)
			d.mu.Lock()
			d.asked = func(i int, _ *http.Request) {
				if i == n {
					cancel()
				}
			}
			d.mu.Unlock()
			got, err := d.tryIn(ctx)
			cancel()
			if !errors.Is(err, context.Canceled) && (n < 10 || got.Err != nil) { // later ones may get through
				d.Fatalf("request %d: %v %v", n, err, got.Err)
			}
			total += got.Landed["issue"]
			d.pass(10 * time.Minute)
			d.change(func(j *jiraapi.Site) { d.edit(j.Issues[n], "between two runs") })
		}
		d.watch(nil)
		total += d.sync().Landed["issue"]
		d.pass(time.Hour)
		d.sync()
		d.tells()
		if total > 450 {
			d.Errorf("%d issues landed in all", total)
		}
	})
}

// A page token does not live until the next run: the sync begins again.
func TestJiraTokenExpired(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.smallPages()
	ctx, cancel := context.WithCancel(context.Background())
	d.at(searches, 7, cancel)
	if _, err := d.tryIn(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.want([]string{"1"}, `SELECT toString(count()) FROM positions FINAL WHERE position LIKE '%"cursor":%'`)
	expired := false
	d.between(on(searches, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !expired {
				expired = true
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"errorMessages":["The provided next page token is invalid or expired."],"errors":{}}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}))
	d.watch(nil)
	d.sync()
	d.tells()
	if !expired {
		t.Error("no token was sent")
	}
}

func TestJiraSinceExtended(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.lines = "since: 100d"
		d.sync()
		few := len(d.shown("issue"))
		d.pass(time.Hour)
		d.sync(func(o *Options) { o.Since = deskNow.AddDate(0, 0, -500) })
		d.tells()
		if few > 60 || few < 10 {
			d.Errorf("%d issues of 100 days", few)
		}
		// From here on 500 days it is, without asking for them again.
		d.pass(24 * time.Hour)
		if got := d.sync(); got.Records > 0 || d.requests() > 8 {
			d.Errorf("%d requests: %+v", d.requests(), got.Landed)
		}
		d.want([]string{"2023-06-13"}, "SELECT toString(toDate(argMax(covers_from, run_id))) FROM sync_runs FINAL")
	})
}

// Another query is another sync.
func TestJiraProjectsExtended(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.lines = "since: 500d, projects: [OPS]"
	d.sync()
	d.tellsOf("project = OPS")
	d.pass(time.Hour)
	d.lines = "since: 500d, projects: [OPS, REL], jql: 'labels != toil OR labels is EMPTY'"
	d.sync(withCensus)
	d.tellsOf("project in (OPS, REL) AND (labels != toil OR labels is EMPTY)")
}
