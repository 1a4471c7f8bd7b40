// Command bench prints the performance figures: `make bench` runs it. It fills
// a warehouse with made-up records of the size and shape that ingest lands,
// runs each step of the real binary in a process of its own, and holds its time
// against a floor: the least that the engine needs for the same work.
package main
