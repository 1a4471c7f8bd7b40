package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"slices"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

// The phases of a sync of incidents. It is one feed, with one watermark: what
// has changed is known only once both lists have been read, whichever run did so.
const (
	phaseCreated = "created" // the incidents created since the watermark
	phaseEntries = "entries" // the log entries since then
	phaseChanged = "changed" // the older incidents that those name, and all that are open
)

// incidentsCursor is how far a sync of incidents is.
type incidentsCursor struct {
	Phase string `json:"phase"`
	walk         // of the list that is being read
	After string `json:"after,omitempty"` // id of the last changed incident that was fetched
}

// incidentsSync is one sync of incidents and log entries.
type incidentsSync struct {
	*pagerdutySource
	from  time.Time
	until time.Time
	land  func([]record, json.RawMessage) error
	ours  map[string]bool // incidents that the config wants, as far as is known; nil: all
	open  map[string]bool // that this run found in the list of open ones

	// Of a run that reads both lists itself: what is new, by hash, and what log
	// entries name besides.
	fresh map[uint64]struct{}
	named map[string]bool
}

// incidents brings incidents and log entries up to the start of the run. Both
// lists end there, and each incident is fetched later than that. So its state is
// never older than the entries that are there, and later ones find it again.
func (s *pagerdutySource) incidents(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	at := incidentsCursor{Phase: phaseCreated, walk: walk{At: from, Until: s.now}}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &at); err != nil {
			return fmt.Errorf("the position is not one of this source: %w; ingest with --full", err)
		}
	}
	r := &incidentsSync{pagerdutySource: s, from: from, until: at.Until, land: land, open: map[string]bool{}}
	if cursor == nil {
		r.fresh, r.named = map[uint64]struct{}{}, map[string]bool{}
	}
	whole := walk{At: from, Until: at.Until}
	var sampled error
	if at.Phase == phaseCreated {
		if sampled = r.created(ctx, at.walk); sampled != nil && !errors.Is(sampled, errSampled) {
			return sampled
		}
		at = incidentsCursor{Phase: phaseEntries, walk: whole}
	}
	if at.Phase == phaseEntries {
		if err := r.entries(ctx, at.walk); err != nil {
			return err // a sample has seen both lists then
		}
		at = incidentsCursor{Phase: phaseChanged, walk: whole}
	}
	if sampled != nil {
		return sampled
	}
	return r.changed(ctx, at)
}

func (r *incidentsSync) created(ctx context.Context, w walk) error {
	return r.listIncidents(ctx, w, func(found []glance, behind walk) error {
		records := make([]record, len(found))
		for i := range found {
			records[i] = found[i].record("incident")
			if r.fresh != nil {
				r.fresh[maphash.String(hashSeed, found[i].id)] = struct{}{}
			}
		}
		return r.land(records, cursorOf(incidentsCursor{Phase: phaseCreated, walk: behind}))
	})
}

// note takes notice of the incident that a log entry names.
func (r *incidentsSync) note(id string) {
	if r.named == nil || id == "" {
		return
	}
	if _, known := r.fresh[maphash.String(hashSeed, id)]; !known {
		r.named[id] = true
	}
}

// hashSeed is of this process.
var hashSeed = maphash.MakeSeed()

// listIncidents lists by creation, which never changes: nothing moves between
// pages.
func (s *pagerdutySource) listIncidents(ctx context.Context, w walk, take func([]glance, walk) error) error {
	return s.windows("/incidents", pagerdutyWindow, func(ctx context.Context, since, until time.Time, offset int) (*listing, error) {
		return s.incidentPage(ctx, pagerduty.ListIncidentsOptions{
			Since: pagerdutyTime(since), Until: pagerdutyTime(until), SortBy: "created_at:asc,incident_number:asc",
			Offset: uint(offset), Total: offset == 0,
		})
	}).read(ctx, w, take)
}

// incidentPage asks for one page of incidents within the config's bounds.
func (s *pagerdutySource) incidentPage(ctx context.Context, o pagerduty.ListIncidentsOptions) (*listing, error) {
	o.Limit, o.TimeZone, o.ServiceIDs, o.TeamIDs = pagerdutyLimit, "UTC", s.Services, s.Teams
	body, err := s.including(func(include []string) ([]byte, error) {
		o.Includes = include
		return s.get(ctx, "/incidents", o)
	})
	if err != nil {
		return nil, err
	}
	l, err := cut(body, "incidents")
	if err != nil {
		return nil, fmt.Errorf("GET /incidents: %w", err)
	}
	return l, nil
}

// including asks for the tickets in other tools too, unless the account refuses
// that. It never asks for the first log entry, which can fail a whole page.
func (s *pagerdutySource) including(ask func(include []string) ([]byte, error)) ([]byte, error) {
	if s.plain.Load() {
		return ask(nil)
	}
	body, err := ask([]string{"external_references"})
	if !refused(err, http.StatusBadRequest) {
		return body, err
	}
	body, plainErr := ask(nil)
	if plainErr != nil {
		return nil, err
	}
	s.plain.Store(true)
	return body, nil
}

// cursorOf writes a cursor.
func cursorOf(at any) json.RawMessage {
	text, err := json.Marshal(at)
	if err != nil {
		panic(err) // texts, numbers and times
	}
	return text
}

// wants says whether the config wants an incident of this service.
func (s *pagerdutySource) wants(service string) bool {
	return len(s.Services) == 0 || slices.Contains(s.Services, service)
}
