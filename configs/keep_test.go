package configs

import (
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	for text, want := range map[string]time.Duration{"400d": 400 * 24 * time.Hour, "36h": 36 * time.Hour, "none": 0, "0": 0, `""`: 0} {
		c := load(t, "warehouse: {keep: "+text+"}\nsources: [{name: a, type: file, entity: change, path: x.csv, fields: {id: n, ended_at: e}}]")
		if c.Warehouse.Kept != want {
			t.Errorf("keep: %s is %v", text, c.Warehouse.Kept)
		}
	}
}
