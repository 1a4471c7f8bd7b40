package configs

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkAPI validates a source that is asked over the network.
func (d *decoder) checkAPI(s *Source, path string) {
	for key, given := range map[string]bool{
		"path": len(s.Paths) > 0, "entity": s.Entity != "", "format": s.Format != "", "delimiter": s.Delimiter != "", "latest": s.Latest != "",
		"shape": s.Shape != "", "fields": s.Fields != nil, "where": s.Where != nil, "exclude": s.Exclude != nil,
		"covers": s.Covers != Covers{}, "encoding": s.Encoding != "",
	} {
		if given {
			next := "remove it"
			if key == "fields" {
				next = "write the mapping under incident:, change: or ticket:"
			}
			d.at(under(path, key), fmt.Sprintf("%s is of files and does not go with type: %s", key, s.Type), next)
		}
	}
	d.address(s, path)
	switch t := s.Token; {
	case t.Env == "" && t.File == "":
		d.at(under(path, "token"), "the source has no token", "add token: {env: "+strings.ToUpper(s.Type)+"_TOKEN} or token: {file: <path>}; the token itself never stands in the config")
	case t.Env != "" && t.File != "":
		d.at(under(path, "token"), "token has both env and file", "keep one of them")
	}
	if _, err := ParseSince(s.Since, time.Now()); err != nil {
		d.at(under(path, "since"), "since "+err.Error(), "write 400d, or 2025-01-31")
	}
	for key, given := range map[string]bool{
		"user": s.User != "", "projects": s.Projects != nil, "jql": s.JQL != "", "issues": s.Issues != nil, "ticket": s.Ticket != nil,
		"link_types": len(s.LinkTypes.Caused)+len(s.LinkTypes.Duplicates) > 0,
	} {
		if given && s.Type != TypeJira {
			d.at(under(path, key), fmt.Sprintf("%s does not go with type: %s", key, s.Type), "remove it")
		}
	}
	for key, given := range map[string]bool{"services": s.Services != nil, "teams": s.Teams != nil, "analytics": s.Analytics} {
		if given && s.Type != TypePagerDuty {
			d.at(under(path, key), fmt.Sprintf("%s does not go with type: %s", key, s.Type), "remove it")
		}
	}
	for i, r := range s.Issues {
		at := under(path, "issues", strconv.Itoa(i))
		if !slices.Contains(Roles, r.Is) {
			d.at(at, fmt.Sprintf("the rule says that an issue is %q", r.Is), instead(r.Is, Roles))
		}
	}
	d.attributes(s, path)
	for _, entity := range s.Entities() {
		d.apiMapping(s, entity, path)
	}
}

func (d *decoder) address(s *Source, path string) {
	u, err := url.Parse(s.URL)
	example := "https://example.atlassian.net"
	if s.Type == TypePagerDuty {
		example = "https://api.pagerduty.com, or https://api.eu.pagerduty.com"
	}
	loopback := err == nil && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.") || u.Hostname() == "::1")
	switch at := under(path, "url"); {
	case s.URL == "":
		d.at(path, "the source has no url", "add url: "+example)
	case err != nil || u.Host == "":
		d.at(at, "url is not a URL", "write it like "+example) // err may show a password
	case u.User != nil:
		d.at(at, "url holds a credential", "take it out, and name its place under token")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback):
		d.at(at, fmt.Sprintf("url begins with %q", u.Scheme+"://"), "use https: a credential must not travel in the clear")
	case u.RawQuery != "" || u.Fragment != "":
		d.at(at, "url goes beyond a path", "leave out ? and # and what follows")
	}
}

// apiMapping checks the mapping of one entity of an API.
func (d *decoder) apiMapping(s *Source, entity, path string) {
	mapping := s.Mapping(entity)
	var names []string
	for _, f := range Fields(entity, ShapeRecords) {
		if f.Name == "id" {
			continue // the API's own
		}
		names = append(names, f.Name)
		if m, ok := mapping[f.Name]; ok {
			d.mapped(f, m, s.Times, under(path, entity, f.Name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mapping)) {
		if !slices.Contains(names, name) {
			d.at(under(path, entity, name), fmt.Sprintf("%s has no field %q that can be mapped", article(entity), name), instead(name, names))
		}
	}
}

func (d *decoder) network(n Network) {
	if n.Proxy == "" {
		return
	}
	u, err := url.Parse(n.Proxy)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
		d.at(under("", "network", "proxy"), "network.proxy is not the URL of a proxy", "write it like http://proxy.example.com:3128") // err may show a password
	}
}

func (d *decoder) identity(c *Config) {
	var names []string
	for _, s := range c.Sources {
		names = append(names, s.Name)
	}
	for i, name := range c.Identity.Order {
		if !slices.Contains(names, name) {
			d.at(under("", "identity", "order", strconv.Itoa(i)), fmt.Sprintf("identity.order names %q, which is no source", name), instead(name, names))
		}
	}
}

func (d *decoder) patterns(path string, patterns []string) {
	for i, p := range patterns {
		if _, err := regexp.Compile(p); err != nil || p == "" {
			d.at(under(path, strconv.Itoa(i)), fmt.Sprintf("%q is no pattern", p), `write a regular expression like CHG\d{7}`)
		}
	}
}
