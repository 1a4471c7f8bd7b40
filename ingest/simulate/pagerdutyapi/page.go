package pagerdutyapi

import (
	"net/http"
	"strconv"
)

const (
	defaultLimit = 25
	maxLimit     = 100
	maxReach     = 10_000 // no list can be paged beyond it
)

// page is a request of classic paging.
type page struct {
	limit, offset int
	total         bool
	bare          bool // the answer does not repeat limit and offset
}

// readPage reads limit, offset and total. A limit above the maximum is cut to
// it without a word, and the answer repeats the limit that counted.
func readPage(r *http.Request) (page, *refusal) {
	p := page{limit: defaultLimit}
	q := r.URL.Query()
	for name, into := range map[string]*int{"limit": &p.limit, "offset": &p.offset} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return p, invalid(name + " is invalid.")
			}
			*into = n
		}
	}
	if p.limit == 0 {
		return p, invalid("limit is invalid.")
	}
	p.limit = min(p.limit, maxLimit)
	p.total = q.Get("total") == "true"
	if r.URL.Path == "/log_entries" && p.offset > maxReach {
		return p, badArguments("Offset must be less than 10001.")
	}
	if p.offset+p.limit > maxReach {
		return p, badArguments("Offset+limit exceeds maximum allowed value of 10000. " +
			"Please try to refine your search to reduce the returned set of records below this number, like adding a date range.")
	}
	return p, nil
}

// write gives the answer with this page of a list that has n rows; row appends
// the JSON of one of them.
func (p page) write(name string, n int, row func(b []byte, i int) []byte) []byte {
	end := min(p.offset+p.limit, n)
	b := append([]byte(`{"`), name...)
	b = append(b, `":[`...)
	for i := p.offset; i < end; i++ {
		if i > p.offset {
			b = append(b, ',')
		}
		b = row(b, i)
	}
	b = append(b, ']')
	if p.bare {
		b = append(b, `,"limit":null,"offset":null`...)
	} else {
		b = append(b, `,"limit":`...)
		b = strconv.AppendInt(b, int64(p.limit), 10)
		b = append(b, `,"offset":`...)
		b = strconv.AppendInt(b, int64(p.offset), 10)
	}
	b = append(b, `,"total":`...)
	if p.total {
		b = strconv.AppendInt(b, int64(n), 10)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"more":`...)
	b = strconv.AppendBool(b, p.offset+p.limit < n)
	return append(b, '}')
}
