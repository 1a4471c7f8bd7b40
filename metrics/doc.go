// Package metrics says what the numbers of kpi_values can carry: how sure they
// are, whether a change is more than chance, and which of them were published.
// SQL counts; this package judges. Its functions are pure, except for those that
// take a driver.Conn, and none reads the clock.
//
// The words, as a report prints them and as the field calls them:
//
//	typical         the median. It carries the verdict; the mean stands beside it, labelled
//	slowest         the maximum. Below 29 values it stands where "9 in 10 within" would
//	9 in 10 within  the 90th percentile (p90), from 29 values on
//	plausibly       the 95 % confidence interval: values that this much data cannot rule out
//	a pace of       the same for a count: the rates that could have produced it by chance
//	normal range    the natural process limits of an XmR chart (process behaviour chart)
//	signal          a pattern that a steady process seldom shows: a point outside the
//	                normal range, 8 in a row on one side, 3 of 4 near one limit
//	cannot tell     the interval of the change includes "no change"
//	still open      right-censored: it started before the end of the period and had not
//	                ended by then, so its duration is at least its age
//	not reached     more than half are still open, so the Kaplan–Meier median does not
//	                exist yet. An answer, not a gap
//	pending         the outcome of a row is not final yet (settles_at lies ahead)
//	settled         a period that is over and in which every outcome is final: "complete"
//	restated        a settled or issued figure that is now another; a pending outcome that
//	                settles is none
//	issued          the one edition of a period that was recorded in published_values;
//	                before that the page is a draft
//	rate            part of a whole, by number: k of n
//	share           part of a whole, by weight (hours), with an unclassified rest: a range
//	pace, count     how many in a period
//	not known       collected, and no outcome of it is known, or none yet
//	none            collected, and nothing happened that could be measured
//	not collected   nobody looked: neither zero nor none
//	0               collected, and counted: zero
package metrics
