// Package serve answers ClickHouse's HTTP interface on this machine from the read copy that was published last.
//
// The process that listens ([Server]) knows who may ask and how many at once, and never sees an engine. Each read copy
// is opened by a process of its own ([Work]), because libchdb opens one folder per process and because a query that
// takes the engine down then takes down no more than that: what ran with it is answered 503, and the next query finds
// a new process. When a newer copy is published a second process opens it and gets all new queries, while the first
// one ends those that it has. Neither holds up a writer.
//
// What the package promises: a query changes nothing, reads nothing but the warehouse, and stays within the limits;
// a client may lower them for its query and choose how its answer is written, and nothing else; an answer that broke
// off does not look complete.
package serve
