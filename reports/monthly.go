package reports

import "github.com/srekpi/srekpi/metrics"

// monthly is the review of the heads of engineering and product: what really
// changed first, what they are asked to decide last, the proof behind it.
func monthly() document {
	return document{
		name: metrics.Monthly, title: "Monthly reliability review", kind: metrics.Month,
		blocks: []block{
			{"verdict", "Verdict", verdict},
			{"majors", "Major incidents", majors},
			{"panels", "The month in figures", panels},
			{"time", "Where the time went", whereTimeWent},
			{"safety", "Change safety", changeSafety},
			{"tax", "The repeat tax", repeatTax},
			{"oncall", "On-call health", onCallHealth},
			{"learning", "Learning", learning},
			{"decisions", "Decisions requested", decisions},
			{"restated", "Restated since this was issued", restated},
		},
		appendix: []block{
			{"figures", "All figures", allFigures},
			{"evidence", "Definitions and evidence", definitions},
			{"restatements", "Restated since the last issue", restatements},
			{"health", "Data health", health},
		},
	}
}
