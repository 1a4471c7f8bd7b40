package reports

import "context"

// work answers where the hours went: planned, unplanned, toil, unclassified.
func work(ctx context.Context, s *sheet) (*answer, error) {
	return &answer{Hidden: true}, nil
}

// whereTimeWent is the same for the month, in people.
func whereTimeWent(ctx context.Context, s *sheet) (*answer, error) {
	return &answer{Hidden: true}, nil
}
