package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// record is a record of an incident or change, as far as others name it.
type record struct {
	source, id, key, url string
	rank                 int
	sameAs               []string

	row   *record // that stands for it
	basis string
}

func (r *record) full() string { return r.source + ":" + r.id }

func keyOf(key, id string) string {
	if key == "" {
		return id
	}
	return key
}

// identify joins the records of several sources that name each other: each with
// one record of each other source, the first by id of those that it could be,
// and only if that one, asked likewise, gives it.
func identify(records []*record) {
	slices.SortFunc(records, func(a, b *record) int { return strings.Compare(a.full(), b.full()) })
	named := map[[2]*record]bool{}
	for _, r := range records {
		for _, ref := range r.sameAs {
			if hit := meant(records, r, ref); hit != nil {
				named[[2]*record{r, hit}] = true
			}
		}
	}
	pick := func(r *record, source string) *record {
		for _, o := range records {
			if o.source == source && o != r && (named[[2]*record{r, o}] || named[[2]*record{o, r}]) {
				return o
			}
		}
		return nil
	}
	paired := func(a, b *record) bool {
		return a.source != b.source && pick(a, b.source) == b && pick(b, a.source) == a
	}
	for _, r := range records {
		r.row = r
		group := []*record{r}
		for i := 0; i < len(group); i++ {
			for _, o := range records {
				if !slices.Contains(group, o) && paired(group[i], o) {
					group = append(group, o)
				}
			}
		}
		for _, o := range group {
			if o.rank < r.row.rank {
				r.row = o
			}
		}
		for i, a := range group {
			for _, b := range group[i+1:] {
				if a.source == b.source {
					panic("two records of one source in a group: the worlds must not make that")
				}
			}
		}
	}
	for _, r := range records {
		if r.basis = "its own record"; r.row == r {
			continue
		}
		// The next record on the way to the row.
		next, from := map[*record]*record{r.row: nil}, []*record{r.row}
		for i := 0; i < len(from); i++ {
			for _, o := range records {
				if _, seen := next[o]; !seen && paired(from[i], o) {
					next[o] = from[i]
					from = append(from, o)
				}
			}
		}
		via := next[r]
		verb := "named by"
		if named[[2]*record{r, via}] {
			verb = "names"
		}
		r.basis = fmt.Sprintf("%s %s of %s", verb, keyOf(via.key, via.id), via.source)
	}
}

// meant is the one record of another source that a reference means: by its id,
// key or address, else by the end of an address.
func meant(records []*record, by *record, ref string) *record {
	if ref == "" {
		return nil
	}
	find := func(fits func(*record) bool) []*record {
		var hits []*record
		for _, o := range records {
			if o.source != by.source && fits(o) {
				hits = append(hits, o)
			}
		}
		return hits
	}
	hits := find(func(o *record) bool {
		return ref == o.full() || ref == o.id || ref == o.key || o.url != "" && strings.TrimSuffix(ref, "/") == strings.TrimSuffix(o.url, "/")
	})
	if len(hits) == 0 && strings.Contains(ref, "://") {
		path, _, _ := strings.Cut(ref, "?")
		path = strings.TrimSuffix(path, "/")
		end := path[strings.LastIndex(path, "/")+1:]
		hits = find(func(o *record) bool { return end != "" && (end == o.id || end == o.key) })
	}
	if len(hits) != 1 {
		return nil
	}
	return hits[0]
}
