package reports

import "context"

// learning answers what reviews and their actions came to.
func learning(ctx context.Context, s *sheet) (*answer, error) {
	return &answer{Hidden: true}, nil
}
