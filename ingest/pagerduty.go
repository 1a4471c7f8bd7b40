package ingest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/srekpi/srekpi/ingest/rest"
)

// pagerdutySource reads one PagerDuty account. Nothing in its API tells what
// changed since a moment, and since always means creation. So what is new comes
// from the lists, what has changed from the log entries, and what is open is
// looked at in every run.
type pagerdutySource struct {
	apiSource
	api     *pagerduty.Client
	plain   atomic.Bool // the account refuses external_references
	missing []string    // incidents that something names and that are not found

	policies []string // escalation policies of the config's services and teams
}

func (s *pagerdutySource) read(ctx context.Context) error {
	return s.collect(ctx, s.dial, s.greet, s.pull)
}

func (s *pagerdutySource) dial() error {
	// The vendor's client puts the token on its requests.
	if err := s.connect(func(*http.Request, string) {}, rest.PagerDutyReset); err != nil {
		return err
	}
	s.api = pagerduty.NewClient(s.token, pagerduty.WithAPIEndpoint(s.URL))
	s.api.HTTPClient = s.client.HTTP()
	return nil
}

// greet asks for what every key may read and what is needed anyway. The answer
// bears the source's clock.
func (s *pagerdutySource) greet(ctx context.Context) error {
	return s.refer(ctx, pagerdutyLists[0])
}

func (s *pagerdutySource) pull(ctx context.Context) error {
	for _, list := range pagerdutyLists[1:] {
		if err := s.refer(ctx, list); err != nil {
			return err
		}
	}
	if err := s.sync(ctx, "incidents", s.scope(), s.incidents); err != nil {
		return err
	}
	incidents := s.feeds[0]
	if err := s.optional("change events", s.sync(ctx, "change_events", s.scope(), s.changeEvents)); err != nil {
		return err
	}
	if err := s.optional("on-call shifts", s.sync(ctx, "oncalls", s.shiftScope(), s.oncalls)); err != nil {
		return err
	}
	if s.Analytics {
		if err := s.optional("analytics", s.sync(ctx, "analytics", s.scope(), s.analytics)); err != nil {
			return err
		}
	}
	if s.sweeps {
		if err := s.census(ctx, incidents.at.Reach); err != nil {
			return err
		}
	}
	s.tellMissing()
	return nil
}

// scope names the account and what the config restricts the source to.
func (s *pagerdutySource) scope() string {
	services, teams := slices.Sorted(slices.Values(s.Services)), slices.Sorted(slices.Values(s.Teams))
	return s.URL + " services " + strings.Join(services, ",") + " teams " + strings.Join(teams, ",")
}

// restricted says that the config leaves out some of what the key may see.
func (s *pagerdutySource) restricted() bool { return len(s.Services) > 0 || len(s.Teams) > 0 }

// windows is a list of this account that is asked for by time.
func (s *pagerdutySource) windows(path string, widest time.Duration, ask func(ctx context.Context, since, until time.Time, offset int) (*listing, error)) windows {
	w := windows{path: path, widest: widest, ahead: 4, ask: ask} // as many as the client sends at once
	if s.o.Sample > 0 {
		w.ahead = 0
	}
	return w
}
