package model

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// Feeds lists the staging work that the config's sources need, in the order in
// which it must be done. A file's model follows from its mapping. An API has one
// of the static models per raw entity, whose fields are those that the mapping
// names; the names of Jira's fields are read from what has landed, so that a
// field that the site gained or lost stages its records again.
func Feeds(ctx context.Context, conn driver.Conn, cfg *configs.Config, models []*Model) ([]Feed, error) {
	var feeds []Feed
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		if !s.API() {
			for _, m := range FileModels(s) {
				feeds = append(feeds, Feed{Source: s.Name, Entity: s.Entity, Model: m, Reading: reading(s)})
			}
			continue
		}
		own, err := apiFeeds(ctx, conn, s, models)
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, own...)
	}
	return feeds, nil
}

func apiFeeds(ctx context.Context, conn driver.Conn, s *configs.Source, models []*Model) ([]Feed, error) {
	var site *jiraSite
	if s.Type == configs.TypeJira {
		var err error
		if site, err = readJiraSite(ctx, conn, s.Name); err != nil {
			return nil, err
		}
	}
	own, err := stagingOrder(models, s.Type)
	if err != nil {
		return nil, err
	}
	var feeds []Feed
	for _, m := range own {
		f := Feed{Source: s.Name, Entity: m.Entity, Model: m}
		again := []string{strings.ReplaceAll(m.Again, "{source}", literal(s.Name))}
		if m.Fields != "" || len(m.Extract) > 0 {
			f.Mapped = apiMapped(m, s, site)
			again = append(again, matchedAnew(s, m.Entity)...)
		}
		f.Again = strings.Join(slices.DeleteFunc(again, func(q string) bool { return q == "" }), " UNION ALL ")
		feeds = append(feeds, f)
	}
	return feeds, nil
}

// stagingOrder sorts the static models of a type so that each comes after what
// it reads.
func stagingOrder(models []*Model, typ string) ([]*Model, error) {
	var nodes []*node
	for _, m := range models {
		if m.Layer == Staging && m.Type == typ {
			reads := slices.DeleteFunc(slices.Clone(m.Reads), func(r string) bool { return r == m.Fills })
			nodes = append(nodes, &node{name: m.Fills, reads: reads, model: m})
		}
	}
	nodes, err := ordered(nodes)
	if err != nil {
		return nil, fmt.Errorf("staging of %s: %w", typ, err)
	}
	out := make([]*Model, len(nodes))
	for i, n := range nodes {
		out[i] = n.model
	}
	return out, nil
}

// matchedAnew chooses the issues that a rule's JQL has come to fit, or fits no
// more, since the last staged run: what they are changed, though they did not.
// {runs} stands for the runs that are being staged.
func matchedAnew(s *configs.Source, entity string) []string {
	var changed []string
	for _, r := range s.Issues {
		if r.JQL == "" || cut(entity, ",")[0] != "issue" {
			continue
		}
		set := func(when string) string {
			return fmt.Sprintf("JSONExtract(argMaxIf(payload, seq, %s), 'issues', 'Array(String)')", when)
		}
		changed = append(changed, fmt.Sprintf("SELECT arrayJoin(arraySymmetricDifference(%s, %s)) FROM raw_records WHERE source = %s AND entity = 'rule_match' AND id = %s",
			set("1"), set("run_id NOT IN ({runs})"), literal(s.Name), literal(r.JQL)))
	}
	return changed
}

// reading is how ingest cuts and names a file's records.
func reading(s *configs.Source) string {
	text, err := json.Marshal([]any{s.Format, s.Delimiter, s.Encoding, s.Nulls, s.Latest, s.Fields["id"]})
	if err != nil {
		panic(err) // texts only
	}
	return string(text)
}
