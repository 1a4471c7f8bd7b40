package pagerdutyapi

import (
	"net/http"
	"slices"
	"strings"
)

var referenceLists = []string{"services", "teams", "escalation_policies", "priorities", "schedules", "users"}

// reference is one object of a reference list, rendered.
type reference struct {
	Named
	body []byte
}

type namedBody struct {
	ref
	Name     string  `json:"name"`
	TimeZone *string `json:"time_zone,omitempty"`         // of a schedule
	Policy   *ref    `json:"escalation_policy,omitempty"` // of a service
	Teams    []ref   `json:"teams,omitempty"`             // of what teams own
}

type userBody struct {
	ref
	Name     string `json:"name"`
	Email    string `json:"email"`
	TimeZone string `json:"time_zone"`
	Role     string `json:"role"`
}

func (v *view) references() map[string][]reference {
	a := v.account
	lists := map[string][]reference{}
	add := func(list, kind string, all []Named) {
		for _, n := range all {
			body := namedBody{ref: v.object(kind, n), Name: n.Name}
			if kind == "schedule" {
				zone := v.zone.String()
				body.TimeZone = &zone
			}
			if id := a.PolicyOf[n.ID]; kind == "service" && id != "" {
				policy := v.ref("escalation_policy", v.policy(id))
				body.Policy = &policy
			}
			for _, id := range a.Owners[n.ID] {
				body.Teams = append(body.Teams, v.ref("team", v.team(id)))
			}
			lists[list] = append(lists[list], reference{n, render(body)})
		}
	}
	add("services", "service", a.Services)
	add("teams", "team", a.Teams)
	add("escalation_policies", "escalation_policy", a.Policies)
	add("priorities", "priority", a.Priorities)
	add("schedules", "schedule", a.Schedules)
	for _, u := range a.Users {
		n := Named{u.ID, u.Name}
		body := userBody{v.object("user", n), u.Name, u.Email, u.Zone, "user"}
		lists["users"] = append(lists["users"], reference{n, render(body)})
	}
	return lists
}

func (v *view) team(id string) Named {
	for _, t := range v.account.Teams {
		if t.ID == id {
			return t
		}
	}
	return Named{ID: id}
}

func (v *view) policy(id string) Named {
	for _, p := range v.account.Policies {
		if p.ID == id {
			return p
		}
	}
	return Named{ID: id}
}

// listReferences lists in the order of the account, by part of the name where asked to.
func (s *Server) listReferences(name string) handler {
	return func(v *view, r *http.Request) ([]byte, *refusal) {
		p, refused := readPage(r)
		if refused != nil {
			return nil, refused
		}
		q := r.URL.Query()
		rows := slices.Clone(v.lists[name])
		if part := strings.ToLower(q.Get("query")); part != "" {
			rows = slices.DeleteFunc(rows, func(x reference) bool { return !strings.Contains(strings.ToLower(x.Name), part) })
		}
		if teams := q["team_ids[]"]; len(teams) > 0 && name != "teams" && name != "priorities" {
			rows = slices.DeleteFunc(rows, func(x reference) bool { return !v.ownedBy([]Named{x.Named}, teams) })
		}
		return p.write(name, len(rows), func(b []byte, i int) []byte { return append(b, rows[i].body...) }), nil
	}
}

// getMe answers only a key that belongs to a user.
func (s *Server) getMe(v *view, r *http.Request) ([]byte, *refusal) {
	for _, x := range v.lists["users"] {
		if x.ID == v.account.Me {
			return append(append([]byte(`{"user":`), x.body...), '}'), nil
		}
	}
	return nil, invalid("This endpoint needs a key of a user.")
}
