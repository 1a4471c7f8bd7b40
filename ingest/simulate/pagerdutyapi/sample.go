package pagerdutyapi

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// sampleDays is how far a sample reaches back.
const sampleDays = 400

// Sample gives an account with n incidents of about five log entries each over
// the 400 days before end, and n/4 change events. Equal arguments give equal accounts.
func Sample(n int, end time.Time) *Account {
	s := &sampler{
		rand: rand.New(rand.NewPCG(7, uint64(n))),
		end:  end.UTC().Truncate(time.Second),
		Account: &Account{
			Token:  "sample-token",
			Site:   "https://example.pagerduty.com",
			Owners: map[string][]string{}, PolicyOf: map[string]string{},
		},
	}
	s.people()
	s.oncalls()
	start := s.end.AddDate(0, 0, -sampleDays)
	// Evenly spread, so that each window of time has its share.
	moment := func(i, n int) time.Time {
		return start.Add(time.Duration(float64(s.end.Sub(start)) * float64(i) / float64(n)))
	}
	for i := range n {
		s.incident(i, moment(i, n))
	}
	for i := range n / 4 {
		s.change(i, moment(i, n/4))
	}
	return s.Account
}

type sampler struct {
	*Account
	rand *rand.Rand
	end  time.Time
}

func (s *sampler) people() {
	named := func(prefix string, names ...string) (all []Named) {
		for i, name := range names {
			all = append(all, Named{fmt.Sprintf("P%s%04d", prefix, i+1), name})
		}
		return all
	}
	s.Teams = named("TE", "Payments", "Storefront", "Platform", "Data")
	s.Policies = named("EP", "Shop", "Platform", "Data")
	s.Schedules = named("SC", "Shop primary", "Shop secondary", "Platform primary", "Platform secondary", "Data primary", "Data secondary")
	s.Priorities = named("PR", "P1", "P2", "P3", "P4", "P5")
	s.Services = named("SV", "checkout", "payments", "fraud", "catalog", "search", "web",
		"login", "gateway", "kubernetes", "warehouse", "streams", "reports")
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Los_Angeles"}
	for i, u := range named("US", "Ada", "Ben", "Chen", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena") {
		s.Users = append(s.Users, User{u.ID, u.Name, u.Name + "@example.com", zones[i%len(zones)]})
	}
	for i, service := range s.Services {
		s.Owners[service.ID] = []string{s.Teams[i/3].ID}
		s.PolicyOf[service.ID] = s.Policies[min(i/4, len(s.Policies)-1)].ID
	}
	for i, policy := range s.Policies {
		s.Owners[policy.ID] = []string{s.Teams[i+1].ID}
		s.Owners[s.Schedules[2*i].ID] = []string{s.Teams[i+1].ID}
		s.Owners[s.Schedules[2*i+1].ID] = []string{s.Teams[i+1].ID}
	}
}

// oncalls gives each policy two levels with weekly shifts, from Monday 9:00 on,
// and a third with one person for ever.
func (s *sampler) oncalls() {
	first := s.end.AddDate(0, 0, -sampleDays-7)
	monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	monday = time.Date(monday.Year(), monday.Month(), monday.Day(), 9, 0, 0, 0, time.UTC)
	for p, policy := range s.Policies {
		for level := 1; level <= 2; level++ {
			schedule := s.Schedules[2*p+level-1]
			week := 0
			for at := monday; at.Before(s.end.AddDate(0, 0, 90)); at = at.AddDate(0, 0, 7) {
				s.Oncalls = append(s.Oncalls, Oncall{
					Policy: policy, Level: level, Schedule: &schedule,
					User: s.Users[4*p+(week+level)%4], Start: at, End: at.AddDate(0, 0, 7),
				})
				week++
			}
		}
		s.Oncalls = append(s.Oncalls, Oncall{Policy: policy, Level: 3, User: s.Users[4*p]})
	}
}

func (s *sampler) incident(i int, at time.Time) {
	at = at.Truncate(time.Second)
	k := s.rand.IntN(len(s.Services))
	p := min(k/4, len(s.Policies)-1)
	in := &Incident{
		ID: fmt.Sprintf("Q%013d", i+1), Number: i + 1, Key: fmt.Sprintf("%016x%016x", s.rand.Uint64(), s.rand.Uint64()),
		Title:   fmt.Sprintf("%s: %s", s.Services[k].Name, []string{"errors above 5 %", "slow answers", "queue is growing", "disk nearly full"}[s.rand.IntN(4)]),
		Service: s.Services[k], Teams: []Named{s.Teams[k/3]}, Policy: s.Policies[p],
		Urgency: "high", Status: "triggered", Created: at,
	}
	if s.rand.IntN(4) == 0 {
		in.Urgency = "low"
	}
	if s.rand.IntN(3) > 0 {
		priority := s.Priorities[s.rand.IntN(len(s.Priorities))]
		in.Priority = &priority
	}
	service := Agent{in.Service.ID, "service_reference", in.Service.Name}
	user := func(n int) (*Named, Agent) {
		u := s.Users[4*p+n%4]
		return &Named{u.ID, u.Name}, Agent{u.ID, "user_reference", u.Name}
	}
	// step adds what happened some time later, if the sample reaches so far.
	step := func(after time.Duration, e LogEntry) bool {
		at = at.Add(after)
		if at.After(s.end) {
			return false
		}
		e.ID, e.At = fmt.Sprintf("R%018d%02d", i+1, len(in.Entries)), at
		in.Entries = append(in.Entries, e)
		in.Updated = at
		return true
	}
	paged, acker := user(s.rand.IntN(4))
	seconds := func(below int) time.Duration { return time.Duration(1+s.rand.IntN(below)) * time.Second }
	step(0, LogEntry{Type: "trigger", Agent: service, Channel: "api"})
	step(0, LogEntry{Type: "assign", Agent: service, User: paged, Channel: "auto"})
	step(2*time.Second, LogEntry{Type: "notify", User: paged, Channel: "auto"})
	if s.rand.IntN(10) == 0 {
		paged, acker = user(s.rand.IntN(4))
		step(15*time.Minute, LogEntry{Type: "escalate", Agent: service, User: paged, Level: 2, Channel: "timeout"})
		step(2*time.Second, LogEntry{Type: "notify", User: paged, Channel: "auto"})
	}
	if s.rand.IntN(8) > 0 && step(seconds(600), LogEntry{Type: "acknowledge", Agent: acker, Channel: "website"}) {
		in.Status = "acknowledged"
		if s.rand.IntN(5) == 0 {
			step(seconds(900), LogEntry{Type: "annotate", Agent: acker, Note: fmt.Sprintf("Looks like the last release, see OPS-%d", i+1), Channel: "note"})
		}
	} else {
		acker = service // nobody looked: it resolved itself
	}
	resolve := LogEntry{Type: "resolve", Agent: acker, Channel: "website"}
	if acker == service {
		resolve.Channel = "api"
	}
	merged := i > 0 && s.rand.IntN(20) == 0 && acker != service // people merge, alerts do not
	if merged {
		resolve.Target = s.Incidents[i-1].ID
	}
	if step(seconds(4*3600), resolve) {
		in.Status, in.MergedInto = "resolved", resolve.Target
	}
	if s.rand.IntN(4) == 0 {
		key := fmt.Sprintf("OPS-%d", i+1)
		in.External = []External{{ID: key, Summary: key, URL: "https://example.atlassian.net/browse/" + key}}
	}
	s.Incidents = append(s.Incidents, in)
}

func (s *sampler) change(i int, at time.Time) {
	service := s.Services[s.rand.IntN(len(s.Services))]
	environment := "production"
	if s.rand.IntN(5) == 0 {
		environment = "staging"
	}
	s.ChangeEvents = append(s.ChangeEvents, ChangeEvent{
		ID: fmt.Sprintf("01C%023d", i+1), At: at.Truncate(time.Second), Source: "deploy-bot",
		Summary: fmt.Sprintf("Deploy %s build %d", service.Name, i+1), Services: []Named{service},
		Details: map[string]any{"environment": environment, "build_number": fmt.Sprint(i + 1)},
		Links:   []External{{URL: fmt.Sprintf("https://ci.example.com/build/%d", i+1), Summary: "Build"}},
	})
}
