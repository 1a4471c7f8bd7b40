package configs

import (
	"fmt"
	"time"
)

// keep reads how long raw payloads stay.
func (d *decoder) keep(w *Warehouse) {
	if w.Keep == "" || w.Keep == "none" || w.Keep == "0" {
		return
	}
	path := under("", "warehouse", "keep")
	span, err := ParseSpan(w.Keep)
	switch {
	case err != nil:
		d.at(path, fmt.Sprintf("warehouse.keep %q is no length of time", w.Keep), "write it like 400d; none keeps everything")
	case span.Duration < 24*time.Hour:
		d.at(path, fmt.Sprintf("warehouse.keep is %s, less than a day", w.Keep), "write it like 400d; none keeps everything")
	}
	w.Kept = span.Duration
}
