package ingest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest/rest"
)

// apiSource is what the sources that are asked over the network share: one
// client, the source's clock, and where records land.
type apiSource struct {
	*run
	*configs.Source
	result *SourceResult
	client *rest.Client
	token  string

	now     time.Time // when this run began, by the source's own clock
	counter uint64    // records landed by this run from this source: the lower half of seq
	moves   uint64
	feeds   []*feed // that this run has opened
	sweeps  bool    // this run does a census

	pages [2]page // one is filled while the other lands
}

// connect makes the client. authorize puts the token on a request, reset reads
// the vendor's rate-limit headers.
func (s *apiSource) connect(authorize func(*http.Request, string), reset func(http.Header, time.Time) (time.Duration, bool)) error {
	token, err := s.cfg.Credential(s.Source)
	if err != nil {
		return err
	}
	s.token = token
	ca := s.cfg.Network.CAFile
	if ca != "" {
		ca = s.cfg.Resolve(ca)
	}
	o := network
	o.Source, o.Secrets, o.Reset = s.Name, []string{token}, reset
	if s.User != "" { // what basic authentication makes of it
		o.Secrets = append(o.Secrets, base64.StdEncoding.EncodeToString([]byte(s.User+":"+token)))
	}
	o.Authorize = func(r *http.Request) { authorize(r, token) }
	o.Proxy, o.CAFile = s.cfg.Network.Proxy, ca
	s.client, err = rest.New(o)
	return err
}

// network is how APIs are reached where the config does not say: tests make its
// waits short.
var network rest.Options

// collect runs the source: it connects, learns the source's clock, and pulls
// each feed. A failure of the source is told in its result, and what has landed
// stays.
func (s *apiSource) collect(ctx context.Context, connect func() error, greet, pull func(context.Context) error) error {
	s.result.Landed = map[string]uint64{}
	err := connect()
	if err == nil {
		err = greet(ctx)
	}
	if err == nil {
		var skewed bool
		if s.now, skewed = s.client.ServerTime(); !skewed {
			s.now = s.o.Now()
		}
		s.now = s.now.UTC().Truncate(time.Millisecond)
		s.result.Skew, _ = s.client.Skew()
		if s.sweeps, err = s.censusDue(ctx); err == nil {
			err = pull(ctx)
		}
	}
	if s.client != nil {
		stats := s.client.Stats()
		s.result.Requests, s.result.Retries, s.result.Bytes = uint64(stats.Requests), uint64(stats.Retries), uint64(stats.Bytes)
	}
	var landing *landingError
	switch {
	case errors.As(err, &landing):
		return fmt.Errorf("ingest %s: %w; nothing is lost: run it again once the warehouse takes rows", s.Name, err)
	case err != nil && ctx.Err() == nil:
		s.result.Err = fmt.Errorf("ingest %w", s.explain(err))
	case err == nil:
		s.covers()
	}
	return nil
}

// explain makes one line of an error, without a secret in it.
func (s *apiSource) explain(err error) error {
	if s.client == nil {
		return rest.Explain(s.Name, err)
	}
	return s.client.Explain(err)
}

// covers says for which range the source is complete now: what all its feeds
// reach back to, up to where this run began.
func (s *apiSource) covers() {
	if s.o.Sample > 0 || len(s.feeds) == 0 {
		return
	}
	from := s.feeds[0].at.Reach
	for _, f := range s.feeds {
		if f.at.Reach.After(from) {
			from = f.at.Reach
		}
	}
	to := s.now
	s.result.coversFrom, s.result.coversTo = &from, &to
}

// sampleDays is how far a sample reaches back: the newest records show the
// mapping that is needed today.
const sampleDays = 30

// reach is where a first sync begins.
func (s *apiSource) reach() time.Time {
	if s.o.Sample > 0 {
		return s.now.AddDate(0, 0, -sampleDays)
	}
	if !s.o.Since.IsZero() {
		return s.o.Since.UTC()
	}
	return s.Reach(s.now)
}

// seq is that of the next record.
func (s *apiSource) seq() uint64 { return s.id<<32 | s.counter }

// landingError is a warehouse that does not take rows: it ends the run.
type landingError struct{ err error }

func (e *landingError) Error() string { return "land a page: " + e.err.Error() }
func (e *landingError) Unwrap() error { return e.err }

// shelve stores a page, then its bad rows, and takes both into the result,
// tombstones apart.
func (s *apiSource) shelve(ctx context.Context, p *page) error {
	if err := s.insert(ctx, p, s.Name, "", s.seq()); err != nil {
		return err
	}
	s.counter += uint64(p.landed())
	for i, entity := range p.kinds {
		if p.gone[i] == 1 {
			s.result.Gone++
			continue
		}
		s.result.Records++
		s.result.Landed[entity]++
	}
	fresh, err := s.hold(ctx, s.Name, p.bad)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.result.Quarantined += uint64(len(p.bad))
	s.result.NewlyQuarantined += fresh
	return nil
}
