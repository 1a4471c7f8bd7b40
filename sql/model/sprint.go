package model

import (
	"fmt"
	"strings"
)

// sprintStart is the earliest start among the sprints that the field names: of
// several places that it can come from the one that said something. Cloud sends
// objects with a startDate, Data Center texts as Java prints them. A sprint that
// has not been started has none.
func (f *apiField) sprintStart() string {
	if f.Value != nil {
		return noSprintStart()
	}
	var cases []string
	for _, l := range f.leaves {
		if l.part {
			continue
		}
		one := "[" + startOf(fmt.Sprintf("vals[%d]", l.n)) + "]"
		several := fmt.Sprintf("arrayMap(v -> %s, variantElement(vals[%d], %s))", startOf("v"), l.n, literal(severalOfOne))
		cases = append(cases, fmt.Sprintf("notEmpty(%s), arraySort(arrayConcat(%s, %s))[1]", l.list(), one, several))
	}
	if len(cases) == 0 {
		return noSprintStart()
	}
	return "multiIf(" + strings.Join(cases, ", ") + ", NULL)"
}

func noSprintStart() string {
	return "CAST(NULL, 'Nullable(DateTime64(3, \\'UTC\\'))')"
}

// startOf reads the start of one sprint, whichever way it is written.
func startOf(value string) string {
	text := fmt.Sprintf("coalesce(variantElement(%s, %s).startDate, if(startsWith(variantElement(%s, 'String'), %s), extract(variantElement(%s, 'String'), '[\\\\[,]startDate=([^,\\\\]]*)'), NULL), '')",
		value, literal(namedObject), value, literal(javaSprint), value)
	return fmt.Sprintf("if(match(%s, '^\\\\d{4}-\\\\d{2}-\\\\d{2}T'), parseDateTime64BestEffortOrNull(%s, 3, 'UTC'), NULL)", text, text)
}
