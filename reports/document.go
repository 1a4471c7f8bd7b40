package reports

import (
	"fmt"

	"github.com/srekpi/srekpi/metrics"
)

// document is a page by its reader: which questions it answers, in which order.
type document struct {
	name, title string
	kind        string // of its periods
	blocks      []block
	appendix    []block
}

func documentOf(name string) (document, error) {
	switch name {
	case metrics.Weekly:
		return weekly(), nil
	case metrics.Monthly:
		return monthly(), nil
	}
	return document{}, fmt.Errorf("no document %q: there are %s and %s", name, metrics.Weekly, metrics.Monthly)
}

func (d document) isAppendix(name string) bool {
	for _, b := range d.appendix {
		if b.name == name {
			return true
		}
	}
	return false
}
