// Package configs reads srekpi.yml: which sources to collect, how their columns
// map to the canonical fields, and how the reports cut time. Load is strict: a
// key it does not know is an error with its place and the nearest known key,
// and every problem of a file is told at once. Nothing here touches the
// warehouse or the network.
package configs
