package misbehave

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func request(url, body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
}

func TestRandomNeverFailsMoreThanThreeTimesInARow(t *testing.T) {
	plan := Random(7, 0.9, Reset, Truncate, TooMany)
	seen := map[Fault]int{}
	longest := 0
	for url := range 50 {
		row := 0
		for range 40 {
			fault := plan(0, request(fmt.Sprintf("/page?at=%d", url), ""))
			seen[fault]++
			if fault == None {
				row = 0
				continue
			}
			row++
			longest = max(longest, row)
		}
	}
	if longest != 3 {
		t.Errorf("%d in a row", longest)
	}
	for _, fault := range []Fault{None, Reset, Truncate, TooMany} {
		if seen[fault] == 0 {
			t.Errorf("fault %d never came: %v", fault, seen)
		}
	}
}

func TestRandomFailsItsShare(t *testing.T) {
	plan := Random(7, 0.2, Reset)
	failed := 0
	for i := range 5000 {
		if plan(0, request(fmt.Sprintf("/%d", i), "")) != None {
			failed++
		}
	}
	if failed < 900 || failed > 1100 {
		t.Errorf("%d of 5000", failed)
	}
	if Random(7, 1)(0, request("/", "")) != None {
		t.Error("a plan without faults fails")
	}
}

// Whatever else is asked in between, and in whatever order.
func TestRandomIsTheSameForTheSameSeed(t *testing.T) {
	faults := []Fault{Reset, Truncate, TooMany}
	a, b, other := Random(7, 0.5, faults...), Random(7, 0.5, faults...), Random(8, 0.5, faults...)
	var alone, mixed, otherSeed, otherBody []Fault
	for range 50 {
		alone = append(alone, a(0, request("/x", "1")))
	}
	for i := range 50 {
		b(0, request(fmt.Sprintf("/between/%d", i), ""))
		otherBody = append(otherBody, b(0, request("/x", "2")))
		mixed = append(mixed, b(0, request("/x", "1")))
		otherSeed = append(otherSeed, other(0, request("/x", "1")))
	}
	if fmt.Sprint(alone) != fmt.Sprint(mixed) {
		t.Errorf("%v\n%v", alone, mixed)
	}
	if fmt.Sprint(alone) == fmt.Sprint(otherSeed) || fmt.Sprint(alone) == fmt.Sprint(otherBody) {
		t.Error("another seed or body gives the same faults")
	}
}
