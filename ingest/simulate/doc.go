// Package simulate is an invented company, Larkspur, and thirteen months of its
// production life: the incidents that people and monitors wrote down and the
// changes that were made. srekpi demo and many tests run on it.
//
// The history is source-neutral. It holds what the company knows, flaws of
// record-keeping included (an incident that nobody gave a severity has none);
// how that looks in a tool's export is the business of WriteExports alone, so
// that other sources can be put in front of the same company.
//
// It promises: the same seed and the same end give the same history and the
// same bytes, on every machine. The stories (stories.go, oddities.go) stand at
// fixed distances from the end; everyday life between them comes from the seed.
//
// Ledger says what is true of a history, computed without SQL, so that the
// models can be held against it.
package simulate
