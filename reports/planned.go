package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// planned is a change that is to be made.
type planned struct {
	ID       string     `ch:"id"`
	Key      string     `ch:"key"`
	URL      string     `ch:"url"`
	Title    string     `ch:"title"`
	Services []string   `ch:"services"`
	Teams    []string   `ch:"teams"`
	Type     string     `ch:"type"`
	Risk     string     `ch:"risk"`
	Outcome  string     `ch:"outcome"`
	Status   string     `ch:"status"`
	Starts   time.Time  `ch:"planned_start"`
	Ends     *time.Time `ch:"planned_end"`
	Grave    uint8      `ch:"grave"`
	Outside  uint8      `ch:"elsewhere"` // not production
	clashes  []clash
	meets    int
}

// clash is another change on one service at the same time.
type clash struct {
	other   *planned
	service string
}

// since is what became of it after the page's end.
func (c *planned) since() string {
	switch {
	case c.Status == "started":
		return "begun since"
	case c.Status != "done":
		return ""
	case c.Outcome == "failed":
		return "failed since"
	case c.Outcome == "rolled_back":
		return "rolled back since"
	}
	return "done since"
}

func (c *planned) name() string { return change{ID: c.ID, Key: c.Key}.name() }

// until is its end; of a change that states none, just after its start.
func (c *planned) until() time.Time {
	if c.Ends != nil && c.Ends.After(c.Starts) {
		return *c.Ends
	}
	return c.Starts.Add(time.Second)
}

// cabWindow is when changes go out.
type cabWindow struct {
	Name   string    `ch:"name"`
	Starts time.Time `ch:"starts_at"`
	Ends   time.Time `ch:"ends_at"`
}

// plannedRead is how many changes are read to find those that clash.
const plannedRead = 2000

// plannedBetween reads what is planned in a stretch: what has not begun, and what
// has begun or ended since the page's end, as far as it was recorded by then.
// Grave ones come first.
func (s *sheet) plannedBetween(ctx context.Context, in stretch) ([]*planned, error) {
	var rows []planned
	err := s.conn.Select(ctx, &rows, `
		SELECT id, key, url, title, services, teams, toString(type) AS type, toString(risk) AS risk, toString(status) AS status, toString(outcome) AS outcome,
		       assumeNotNull(c.planned_start) AS planned_start, toNullable(c.planned_end) AS planned_end,
		       toUInt8(lower(type) = 'emergency' OR positionCaseInsensitive(risk, 'high') > 0 OR positionCaseInsensitive(risk, 'critical') > 0) AS grave,
		       toUInt8(c.environment != '' AND NOT has(splitByChar(',', (SELECT max(value) FROM settings WHERE name = 'changes.production')), lower(toString(c.environment)))) AS elsewhere
		FROM changes AS c
		WHERE ifNull(c.created_at < toDateTime64(@from, 3, 'UTC'), 1) AND isNotNull(c.planned_start) AND c.planned_start < toDateTime64(@to, 3, 'UTC')
		  AND (c.planned_start >= toDateTime64(@from, 3, 'UTC') OR ifNull(c.planned_end > toDateTime64(@from, 3, 'UTC'), 0))
		  AND (c.status = 'planned' OR c.status IN ('started', 'done') AND ifNull(c.started_at, c.ended_at) >= toDateTime64(@from, 3, 'UTC'))
		ORDER BY elsewhere, grave DESC, c.planned_start, c.key, c.id LIMIT `+fmt.Sprint(plannedRead), moment("from", in.from), moment("to", in.to))
	if err != nil {
		return nil, fmt.Errorf("read the changes planned: %w", err)
	}
	out := make([]*planned, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out, nil
}

// windowsBetween reads the windows of the board that touch a stretch.
func (s *sheet) windowsBetween(ctx context.Context, in stretch) ([]cabWindow, error) {
	var rows []cabWindow
	err := s.conn.Select(ctx, &rows, `SELECT toString(name) AS name, starts_at, ends_at FROM cab_windows AS w
		WHERE w.starts_at < toDateTime64(@to, 3, 'UTC') AND w.ends_at > toDateTime64(@from, 3, 'UTC') ORDER BY w.starts_at, w.ends_at, name LIMIT 100`, moment("from", in.from), moment("to", in.to))
	if err != nil {
		return nil, fmt.Errorf("read the windows of changes: %w", err)
	}
	return rows, nil
}

// clashesOf finds the changes that share a service and a time: by service, in
// the order of their starts, each against those that it may still meet.
func clashesOf(all []*planned) {
	by := map[string][]*planned{}
	var services []string
	for _, c := range all {
		c.Services = slices.Compact(slices.Sorted(slices.Values(c.Services)))
		for _, name := range c.Services {
			if by[name] == nil {
				services = append(services, name)
			}
			by[name] = append(by[name], c)
		}
	}
	slices.Sort(services)
	for _, name := range services {
		list := by[name]
		slices.SortStableFunc(list, func(a, b *planned) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
		for i, a := range list {
			for _, b := range list[i+1:] {
				if !b.Starts.Before(a.until()) {
					break
				}
				if a.firstShared(b) == name { // two services that both touch are one clash
					a.meet(b, name)
					b.meet(a, name)
				}
			}
		}
	}
}

func (c *planned) firstShared(other *planned) string {
	for _, name := range c.Services {
		if slices.Contains(other.Services, name) {
			return name
		}
	}
	return ""
}

// meet counts a clash and keeps the first few.
func (c *planned) meet(other *planned, service string) {
	if c.meets++; len(c.clashes) < clashesShown {
		c.clashes = append(c.clashes, clash{other, service})
	}
}

// group is the changes of one window, or of none.
type group struct {
	window  *cabWindow
	changes []*planned
}

// byWindow sorts changes into the windows that hold their starts, the others
// last. A change that began before the first window stands with it.
func byWindow(all []*planned, windows []cabWindow) []group {
	groups := make([]group, len(windows), len(windows)+1)
	for i := range windows {
		groups[i].window = &windows[i]
	}
	outside := group{}
	for _, c := range all {
		i := slices.IndexFunc(windows, func(w cabWindow) bool { return !c.Starts.Before(w.Starts) && c.Starts.Before(w.Ends) })
		if i < 0 {
			outside.changes = append(outside.changes, c)
			continue
		}
		groups[i].changes = append(groups[i].changes, c)
	}
	return append(groups, outside)
}

// risky says in words why a change comes first.
func (c *planned) risky() string {
	var words []string
	if c.Type != "" {
		words = append(words, clip(strings.ReplaceAll(c.Type, "_", " "), 30))
	}
	if c.Risk != "" {
		risk := clip(c.Risk, 30)
		if !strings.Contains(strings.ToLower(risk), "risk") {
			risk += " risk"
		}
		words = append(words, risk)
	}
	return strings.Join(words, ", ")
}
