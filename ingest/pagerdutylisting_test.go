package ingest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestGlance(t *testing.T) {
	for _, x := range []struct{ raw, id, version string }{
		{`{"id":"Q1","updated_at":"2026-01-02T03:04:05Z","created_at":"2020-01-01T00:00:00Z"}`, "Q1", "2026-01-02T03:04:05Z"},
		{`{"created_at":"2020-01-01T00:00:00.500000Z","last_status_change_at":"2022-11-03T07:02:36.000000Z","id":"Q1"}`, "Q1", "2022-11-03T07:02:36Z"},
		{`{"id":"Q1","updated_at":null,"created_at":"2020-01-01T00:00:00+11:00"}`, "Q1", "2019-12-31T13:00:00Z"},
		{`{"id":"Q1","updated_at":"soon"}`, "Q1", "0001-01-01T00:00:00Z"},
		{`{"id":"Q1","updated_at":"9999-12-31T23:59:59Z"}`, "Q1", "0001-01-01T00:00:00Z"},
		{`{"id":17}`, "17", "0001-01-01T00:00:00Z"},
		{`{"id":{"id":"Q1"}}`, "", "0001-01-01T00:00:00Z"},
		{`{"id":null,"service":null,"incident":[{"id":"Q2"}]}`, "", "0001-01-01T00:00:00Z"},
		{`null`, "", "0001-01-01T00:00:00Z"},
		{`["id"]`, "", "0001-01-01T00:00:00Z"},
	} {
		g, err := readJSON([]byte(x.raw)).glance()
		if err != nil || string(g.raw) != x.raw {
			t.Errorf("%s: %q, %v", x.raw, g.raw, err)
		}
		if got := g.version().UTC().Format(time.RFC3339); g.id != x.id || got != x.version {
			t.Errorf("%s: id %q, version %s", x.raw, g.id, got)
		}
	}
	g, err := readJSON([]byte(`{"incident":{"x":{"id":"no"},"id":"Q2"},"service":{"id":"S1"},"services":[{"id":"S1"},null,{"id":"S2"}]}`)).glance()
	if err != nil || g.incident != "Q2" || g.service != "S1" || strings.Join(g.services, ",") != "S1,,S2" {
		t.Errorf("%+v", g)
	}
}

func TestCut(t *testing.T) {
	body := []byte(" {\"limit\":null, \"incidents\" : [ {\"id\" : \"Q1\",\"t\":\"caf\xe9\"} ,null, {\"id\":\"Q2\",\"id\":\"Q3\"}],\"offset\":null,\"total\":7,\"more\":true, \"more2\":{}}")
	l, err := cut(body, "incidents")
	if err != nil {
		t.Fatal(err)
	}
	if len(l.records) != 3 || string(l.records[0].raw) != "{\"id\" : \"Q1\",\"t\":\"caf\xe9\"}" || l.records[0].id != "Q1" || string(l.records[1].raw) != "null" {
		t.Errorf("%q", l.records)
	}
	if l.limit != 0 || l.total != 7 || !l.more || l.step() != 3 {
		t.Errorf("%+v", l)
	}
	for _, broken := range []string{``, `{`, `{"incidents":[{"id":"Q1"}`, `{"incidents":[{]}`, `<html>`, `{"incidents":{}}`, `{"incidents":null}`, `{"incidents":[]}{`, `{"incidents":[{"id":"Q1","x":[1,{"y":tru}]}]}`} {
		if l, err := cut([]byte(broken), "incidents"); err == nil {
			t.Errorf("%s: %+v", broken, l)
		}
	}
}

// Windows never ask beyond what can be paged, and leave no gap.
func TestWindows(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	end := start.AddDate(1, 1, 0)
	// 25,000 records in one hour, and one in every other hour.
	var moments []time.Time
	for at := start; at.Before(end); at = at.Add(time.Hour) {
		moments = append(moments, at)
		if at.Equal(start.AddDate(0, 0, 200)) {
			for i := range 25_000 {
				moments = append(moments, at.Add(time.Duration(i+1)*100*time.Millisecond))
			}
		}
	}
	index := func(at time.Time) int {
		i, _ := slices.BinarySearchFunc(moments, at, time.Time.Compare)
		return i
	}
	for _, telling := range []bool{true, false} {
		seen, asked, stood := make([]bool, len(moments)), 0, start
		var mu sync.Mutex
		list := windows{path: "/x", widest: pagerdutyWindow, ahead: 4, ask: func(_ context.Context, since, until time.Time, offset int) (*listing, error) {
			mu.Lock()
			defer mu.Unlock()
			asked++
			if until.Sub(since) > pagerdutyWindow || offset+pagerdutyLimit > pagerdutyReach || since.After(stood) {
				t.Errorf("%s %s %d", since, until, offset)
			}
			from, to := index(since), index(until)
			l := &listing{total: -1, more: from+offset+pagerdutyLimit < to}
			if telling {
				l.total = to - from
			}
			for i := from + offset; i < min(to, from+offset+pagerdutyLimit); i++ {
				l.records = append(l.records, glance{id: strconv.Itoa(i)})
			}
			return l, nil
		}}
		err := list.read(context.Background(), walk{At: start, Until: end}, func(found []glance, behind walk) error {
			mu.Lock()
			defer mu.Unlock()
			stood = behind.At
			for i := range found {
				n, _ := strconv.Atoi(found[i].id)
				seen[n] = true
			}
			return nil
		})
		if err != nil || !stood.Equal(end) || slices.Contains(seen, false) {
			t.Errorf("it ends at %s with %v", stood, err)
		}
		needed := len(moments) / pagerdutyLimit
		t.Logf("%d requests where %d are needed", asked, needed)
		if telling && asked > needed*115/100 || asked > 5*needed {
			t.Errorf("%d requests where %d are needed", asked, needed)
		}
	}
}
