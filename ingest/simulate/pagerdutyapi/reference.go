package pagerdutyapi

import "strings"

const apiURL = "https://api.pagerduty.com"

// ref is how one object names another.
type ref struct {
	ID      string  `json:"id"`
	Type    string  `json:"type"`
	Summary string  `json:"summary"`
	Self    *string `json:"self"`
	HTMLURL *string `json:"html_url"`
}

// places has, by type, the path in the API and on the site.
var places = map[string]struct{ api, site string }{
	"incident":          {"/incidents/", "/incidents/"},
	"service":           {"/services/", "/service-directory/"},
	"team":              {"/teams/", "/teams/"},
	"user":              {"/users/", "/users/"},
	"escalation_policy": {"/escalation_policies/", "/escalation_policies/"},
	"schedule":          {"/schedules/", "/schedules/"},
	"priority":          {"/priorities/", ""},
}

// object gives the members that every object begins with.
func (v *view) object(kind string, n Named) ref {
	o := ref{ID: n.ID, Type: kind, Summary: n.Name}
	if place, ok := places[kind]; ok {
		self := apiURL + place.api + n.ID
		o.Self = &self
		if place.site != "" {
			html := v.account.Site + place.site + n.ID
			o.HTMLURL = &html
		}
	}
	return o
}

func (v *view) ref(kind string, n Named) ref {
	o := v.object(kind, n)
	o.Type += "_reference"
	return o
}

func (v *view) refs(kind string, all []Named) []ref {
	refs := make([]ref, 0, len(all)) // an empty list, never null
	for _, n := range all {
		refs = append(refs, v.ref(kind, n))
	}
	return refs
}

// agent is who did something; nil where the API names nobody.
func (v *view) agent(a Agent) *ref {
	if a.ID == "" {
		return nil
	}
	r := v.ref(strings.TrimSuffix(a.Type, "_reference"), Named{a.ID, a.Name})
	return &r
}
