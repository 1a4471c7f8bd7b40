package reports

import "context"

// onCallHealth answers what on call costs each team.
func onCallHealth(ctx context.Context, s *sheet) (*answer, error) {
	return &answer{Hidden: true}, nil
}
