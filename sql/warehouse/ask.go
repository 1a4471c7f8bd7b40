package warehouse

import (
	"context"
	"errors"

	"github.com/srekpi/srekpi/sql/chdb"
)

var errNotForUsers = errors.New("run query: this warehouse is not open for a user's text; open an embedded one with OpenQuery")

// Ask runs a user's text with the settings that came with it on an embedded warehouse that [OpenQuery] has opened.
func (w *Warehouse) Ask(ctx context.Context, q chdb.Question) (*chdb.Answer, error) {
	if w.limits == nil || w.engine == nil {
		return nil, errNotForUsers
	}
	return w.engine.Ask(ctx, q)
}

// Hello is [chdb.Engine.Hello].
func (w *Warehouse) Hello(sql string, revision int) ([]byte, error) {
	if w.engine == nil {
		return nil, errNotForUsers
	}
	return w.engine.Hello(sql, revision)
}
