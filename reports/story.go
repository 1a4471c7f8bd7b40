package reports

import "context"

// story is what a major incident's card tells beneath its answers: its course,
// what changed shortly before, and what was promised since.
type story struct {
	Steps     []step
	MoreSteps prose
	Before    []prose
	NoBefore  prose // why there is none
	Promised  []prose
	Review    prose // nothing: none is collected

	handed []prose          // from whom to whom
	causes map[string]place // changes, by the key or the id that a ticket names
}

// told in full are so many major incidents of a page, the worst of them.
const storiesTold = 20

// stories reads those of all the incidents at once.
func (s *sheet) stories(ctx context.Context, of []incident) (map[string]*story, error) {
	out := map[string]*story{}
	if len(of) == 0 {
		return out, nil
	}
	ids := recordsOf(of)
	for _, i := range of {
		out[i.ID] = &story{causes: map[string]place{}}
	}
	for _, read := range []func(context.Context, []incident, []string, map[string]*story) error{s.courses, s.changesBefore, s.promisedSince} {
		if err := read(ctx, of, ids, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func recordsOf(of []incident) []string {
	ids := []string{}
	for _, i := range of {
		ids = append(ids, i.ID)
	}
	return ids
}
