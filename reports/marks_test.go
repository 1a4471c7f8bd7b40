package reports

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

var (
	marked   = regexp.MustCompile(`<data class="fig" value="([^"]*)" data-kpi="([^"]*)" data-part="([^"]*)">([^<]*)</data>`)
	idTag    = regexp.MustCompile(` id="([^"]*)"`)
	fragment = regexp.MustCompile(` href="#([^"]*)"`)
)

// hrefs checks that each link within the page leads somewhere, and that no id is given twice.
func hrefs(t *testing.T, page string) {
	t.Helper()
	page = scripts.ReplaceAllString(page, "")
	ids := map[string]int{}
	for _, m := range idTag.FindAllStringSubmatch(page, -1) {
		if ids[m[1]]++; ids[m[1]] == 2 {
			t.Errorf("id %q stands twice", m[1])
		}
	}
	for _, m := range fragment.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] == 0 {
			t.Errorf("link to #%s leads nowhere", m[1])
		}
	}
}

func TestEveryFigureIsItsRow(t *testing.T) {
	conn, c := filled(t, "infested")
	for name, kind := range kindOf {
		values := map[string]metrics.Value{}
		for _, dim := range []string{"all", "service", "risk", "kind"} {
			rows, err := metrics.Values(t.Context(), conn, metrics.Query{Period: kind, Dim: dim})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range rows {
				values[mark(v)] = v
			}
		}
		page, made := text(t, conn, options("", c.AsOf), name, periodAt(t, kind, c.AsOf), nil)
		hrefs(t, page)
		found := marked.FindAllStringSubmatch(page, -1)
		if len(found) < 60 {
			t.Errorf("%s: only %d figures carry a mark", name, len(found))
		}
		for _, m := range found {
			at, part := html.UnescapeString(m[2]), m[3]
			v, ok := values[at]
			if !ok {
				if m[1] != "" {
					t.Errorf("%s: figure %q is marked %q, which is no row", name, m[4], at)
				}
				continue
			}
			if want, held := column(v, part); held && m[1] != want {
				t.Errorf("%s: %s of %s is %q on the page and %q in the table", name, part, at, m[1], want)
			}
		}
		for _, p := range made.Printed {
			if _, ok := values[mark(p.Value)]; !ok || p.Period != kind {
				t.Errorf("%s: printed %s, which is no row", name, mark(p.Value))
			}
		}
	}
}

// column is what the table holds for a part of a figure.
func column(v metrics.Value, part string) (string, bool) {
	switch part {
	case "value", "headline", "verdict":
		return raw(v.Value), true
	case "n":
		return raw(v.N), true
	case "k":
		return raw(v.K), true
	case "open":
		return strconv.FormatUint(v.Open, 10), true
	case "unknown":
		return raw(&v.Unknown), true
	case "excluded":
		return strconv.FormatUint(v.Excluded, 10), true
	}
	return "", false
}

func TestAMarkNamesItsRow(t *testing.T) {
	start := time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC)
	got := mark(metrics.Value{KPI: "time_to_resolve", Stat: "median", Period: "week", PeriodStart: start, Dim: "service", DimValue: "a/b <c>"})
	if want := "time_to_resolve/median/week/2026-06-09/service/a%2Fb%20%3Cc%3E"; got != want {
		t.Errorf("got %s", got)
	}
	parts := strings.Split(got, "/")
	if name, err := url.PathUnescape(parts[len(parts)-1]); err != nil || name != "a/b <c>" {
		t.Errorf("%q %v", name, err)
	}
}

func TestMissingIsNotZero(t *testing.T) {
	zero, n := 0.0, 0.0
	for _, one := range []struct {
		kind string
		v    metrics.Value
		want string
	}{
		{metrics.KindCount, metrics.Value{Stat: "count", Value: &zero, N: &n}, "0"},
		{metrics.KindCount, metrics.Value{Stat: "count"}, "not collected"},
		{metrics.KindRate, metrics.Value{Stat: "rate", N: &n}, "none"},
		{metrics.KindRate, metrics.Value{Stat: "rate", N: &n, Unknown: 4}, "not known"},
		{metrics.KindRate, metrics.Value{Stat: "rate", Value: &zero, N: ptr(5.0)}, "0 %"},
		{metrics.KindDuration, metrics.Value{Stat: "median", N: &n}, "none"},
	} {
		if got := figureOf(one.kind, one.v).Text; got != one.want {
			t.Errorf("%s %+v: %q, want %q", one.kind, one.v, got, one.want)
		}
	}
}
