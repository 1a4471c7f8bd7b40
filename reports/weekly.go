package reports

import "github.com/srekpi/srekpi/metrics"

// weekly is the catch-up of L2, L3 and DevOps leads on a Tuesday morning: what
// must be answered, then the week in figures, then each incident.
func weekly() document {
	return document{
		name: metrics.Weekly, title: "Weekly production catch-up", kind: metrics.Week,
		blocks: []block{
			{"exceptions", "What needs an answer", exceptions},
			{"promises", "Promises", promises},
			{"kpis", "The week in figures", strip},
			{"incidents", "Incidents by whose fix it is", incidentsOfPeriod},
			{"repeats", "Repeats, by hours lost", repeats},
			{"changes", "Changes that hurt", changesThatHurt},
			{"work", "Work mix and toil", work},
			{"ageing", "Still open, by age", ageing},
			{"pages", "Pages", pages},
			{"coming", "The coming seven days", coming},
			{"since", "Since then", sinceThen},
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
