package main

import (
	"context"
	"fmt"

	"github.com/srekpi/srekpi/sql/model"
)

// slack is which part of the time that payloads are kept one may stay on, so
// that a night rewrites none, and one night in many all that are due by then.
const slack = 50

// retain empties the payloads that warehouse.keep does not keep.
func (ws *workspace) retain(ctx context.Context, feeds []model.Feed) error {
	kept := ws.cfg.Warehouse.Kept
	if kept == 0 {
		return nil
	}
	before := now().Add(-kept)
	emptied, err := model.Retain(ctx, ws.wh, feeds, before, before.Add(-kept/slack))
	if err != nil || emptied == 0 {
		return err
	}
	ws.log.Info(fmt.Sprintf("emptied the payload of %s fetched before %s", plural(emptied, "record", "records"), before.In(ws.cfg.Location()).Format("2006-01-02 15:04 MST")),
		logStage, "retention", "emptied", emptied, "before", before.UTC())
	return nil
}
