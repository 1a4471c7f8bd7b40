package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// pagerSite is the pager's public address.
const pagerSite = "https://larkspur.pagerduty.example"

// stagingSuffix marks the pager's services that are not production.
const stagingSuffix = " (staging)"

// gameDays is the escalation policy under which drills run.
const gameDays = "Game days"

// PagerDuty is the pager's view of the history.
func (w *World) PagerDuty() *pagerdutyapi.Account {
	p := w.newPager()
	for n := range w.Incidents {
		if w.Incidents[n].Held.Pager {
			p.account.Incidents = append(p.account.Incidents, p.incident(w.Incidents[n]))
		}
	}
	byKey := map[string]*pagerdutyapi.Incident{}
	for _, i := range p.account.Incidents {
		byKey["INC-"+fmt.Sprint(i.Number)] = i
	}
	for _, i := range w.Incidents {
		if parent := byKey[i.MergedInto]; i.Held.Pager && parent != nil {
			byKey[i.Key].MergedInto = parent.ID
		}
	}
	for n, c := range w.announced() {
		p.account.ChangeEvents = append(p.account.ChangeEvents, p.changeEvent(n, c))
	}
	p.account.Oncalls = p.oncalls()
	return p.account
}

// pager is an account in the making.
type pager struct {
	world    *World
	account  *pagerdutyapi.Account
	people   map[string]pagerdutyapi.User
	names    map[string]pagerdutyapi.Named // by kind and name
	entries  int
	policyOf map[string]string // service → policy
}

// pagerID is an id as the pager gives them: 14 capitals and digits for what
// happens, 7 for what is set up.
func pagerID(first byte, length int, of string) string {
	d := newDice(Seed, "pager id/"+of)
	b := []byte{first}
	for len(b) < length {
		b = append(b, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[d.IntN(36)])
	}
	return string(b)
}

// pagerURL is where people open an incident of the pager.
func pagerURL(key string) string { return pagerSite + "/incidents/" + pagerIncidentID(key) }

func pagerIncidentID(key string) string { return pagerID('Q', 14, key) }

func (w *World) newPager() *pager {
	p := &pager{
		world: w, account: &pagerdutyapi.Account{Token: PagerDutyToken, Site: pagerSite},
		people: map[string]pagerdutyapi.User{}, names: map[string]pagerdutyapi.Named{}, policyOf: map[string]string{},
	}
	named := func(kind, name string) pagerdutyapi.Named {
		id := kind + "/" + name
		if _, there := p.names[id]; !there {
			p.names[id] = pagerdutyapi.Named{ID: pagerID('P', 7, id), Name: name}
		}
		return p.names[id]
	}
	for _, person := range w.People {
		u := pagerdutyapi.User{ID: pagerID('P', 7, "user/"+person.Handle), Name: person.Name(), Email: person.Email(), Zone: person.Zone}
		p.people[person.Handle] = u
		p.account.Users = append(p.account.Users, u)
	}
	teams := map[string]bool{}
	for _, s := range w.Services {
		p.policyOf[s.Name] = s.L2Team + " then " + s.L3Team
		p.account.Services = append(p.account.Services, named("service", s.Name))
		for _, t := range []string{s.Team, s.L2Team, s.L3Team} {
			if !teams[t] {
				p.account.Teams = append(p.account.Teams, named("team", t))
			}
			teams[t] = true
		}
		if policy := named("policy", p.policyOf[s.Name]); !slices.Contains(p.account.Policies, policy) {
			p.account.Policies = append(p.account.Policies, policy)
		}
	}
	for _, i := range w.Incidents {
		if s := named("service", i.pagedService()); i.Held.Pager && !slices.Contains(p.account.Services, s) {
			p.account.Services = append(p.account.Services, s)
		}
	}
	p.account.Policies = append(p.account.Policies, named("policy", gameDays))
	for n := 1; n <= 4; n++ {
		p.account.Priorities = append(p.account.Priorities, named("priority", fmt.Sprintf("P%d", n)))
	}
	p.account.Owners, p.account.PolicyOf = map[string][]string{}, map[string]string{}
	for _, r := range w.Rotations {
		schedule := named("schedule", r.Name)
		p.account.Schedules = append(p.account.Schedules, schedule)
		p.account.Owners[schedule.ID] = []string{named("team", r.Name).ID}
	}
	for _, s := range w.Services {
		p.account.Owners[named("service", s.Name).ID] = []string{named("team", s.Team).ID}
		p.account.PolicyOf[named("service", s.Name).ID] = named("policy", p.policyOf[s.Name]).ID
		p.account.Owners[named("policy", p.policyOf[s.Name]).ID] = []string{named("team", s.L2Team).ID, named("team", s.L3Team).ID}
	}
	return p
}

// pagedService is the one service that the pager knows of an incident.
func (i Incident) pagedService() string {
	if len(i.Services) == 0 {
		return ""
	}
	if i.Environment == "staging" {
		return i.Services[0] + stagingSuffix
	}
	return i.Services[0]
}

// announced are the changes that the deployment pipeline tells the pager of:
// every other deployment, when it is done.
func (w *World) announced() []Change {
	var all []Change
	for _, c := range w.Changes {
		if c.Kind != "deployment" || c.OnSheet() || c.Environment != prod || c.Ended.IsZero() || !newDice(w.Seed, "announced/"+c.Key).chance(0.5) {
			continue
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Change) int { return a.Ended.Compare(b.Ended) })
	return all
}

func (p *pager) changeEvent(n int, c Change) pagerdutyapi.ChangeEvent {
	return pagerdutyapi.ChangeEvent{
		ID: pagerID('0', 14, "change/"+c.Key), At: c.Ended, Summary: c.Title, Source: "deploy-pipeline",
		Services: []pagerdutyapi.Named{p.names["service/"+c.Service]},
		Details:  map[string]any{"environment": c.Environment, "run": 1000 + n},
		Links:    []pagerdutyapi.External{{ID: c.Key, Summary: c.Key, URL: trackerURL(c.Key)}},
	}
}

// oncalls: a schedule stands in every policy that calls it, so that one shift is
// several entries; whoever is called last is always on call.
func (p *pager) oncalls() []pagerdutyapi.Oncall {
	var all []pagerdutyapi.Oncall
	seen := map[string]bool{}
	for _, s := range p.world.Services {
		name := p.policyOf[s.Name]
		if seen[name] {
			continue
		}
		seen[name] = true
		policy := p.names["policy/"+name]
		for level, rotation := range []string{s.L2Team, s.L3Team} {
			schedule := p.names["schedule/"+rotation]
			for _, shift := range p.world.Shifts {
				if shift.Rotation == rotation {
					all = append(all, pagerdutyapi.Oncall{
						Policy: policy, Level: level + 1, Schedule: &schedule, User: p.people[shift.Person], Start: shift.Start, End: shift.End,
					})
				}
			}
		}
		all = append(all, pagerdutyapi.Oncall{Policy: policy, Level: 3, User: p.people[p.world.member(management, 0)]})
	}
	slices.SortStableFunc(all, func(a, b pagerdutyapi.Oncall) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Policy.Name, b.Policy.Name), cmp.Compare(a.Level, b.Level))
	})
	return all
}

// Name of a person as the tools show it.
func (p Person) Name() string {
	first, last, _ := strings.Cut(p.Handle, ".")
	return title(first) + ". " + title(last)
}

// Email is the same in all tools.
func (p Person) Email() string { return p.Handle + "@larkspur.example" }
