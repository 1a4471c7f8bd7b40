// Package simulate is an invented company, Larkspur, and thirteen months of its
// production life: the incidents that people and monitors wrote down, the changes
// that were made, and the work, the duties and the promises around them. srekpi
// demo and many tests run on it.
//
// The history is source-neutral. It holds what the company knows, flaws of
// record-keeping included (an incident that nobody gave a severity has none).
// Which tool knows how much of it is decided by Held; how it looks there is the
// business of Jira and PagerDuty, of WriteSheet for the one team that keeps a
// file, and of WriteExports for tests of files. Serve puts the two tools on the
// network, behind the packages jiraapi and pagerdutyapi.
//
// It promises: the same seed and the same end give the same history and the
// same tools, on every machine. The stories (stories.go, oddities.go) stand at
// fixed distances from the end; everyday life between them comes from the seed.
//
// Ledger says what is true of a history as far as the tools tell, computed
// without SQL, so that the models can be held against it.
package simulate
