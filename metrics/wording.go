package metrics

import "strings"

// wording is what the sentences about a KPI need besides its kind.
type wording struct {
	ended string // what happened to a duration that counts: "resolved"
	unit  string // of a share or count that is no mere number
	rows  string // what a sum with a unit is over
	per   string // the unit of an average
}

var wordings = map[string]wording{
	"time_to_acknowledge":         {ended: "acknowledged"},
	"time_to_mitigate":            {ended: "mitigated"},
	"time_to_resolve":             {ended: "resolved"},
	"time_to_escalate":            {ended: "escalated"},
	"failed_change_recovery_time": {ended: "recovered"},
	"impact_hours":                {unit: "h", rows: "incidents"},
	"unplanned_work_ratio":        {unit: "h"},
	"unplanned_work_ratio_count":  {unit: "items"},
	"unplanned_work_ratio_points": {unit: "points"},
	"pages_per_shift":             {per: "shift"},
}

// words gives a KPI that somebody added its plain words.
func words(kpi string) wording {
	w := wordings[kpi]
	if w.ended == "" {
		w.ended = "ended"
	}
	if w.rows == "" {
		w.rows = "rows"
	}
	if w.per == "" {
		w.per = "unit"
	}
	return w
}

// amount is a number with the KPI's unit.
func amount(k KPI, x float64) string {
	return strings.TrimSpace(Number(x) + " " + words(k.Name).unit)
}

// Turn says whether a move up (+1) or down (−1) is for the better, by the KPI's
// own word; "" where it does not say, or nothing moved.
func Turn(direction int, better string) string {
	switch {
	case direction == 0:
		return ""
	case better == "lower" && direction < 0, better == "higher" && direction > 0:
		return "better"
	case better == "lower", better == "higher":
		return "worse"
	}
	return ""
}
