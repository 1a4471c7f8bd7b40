// Package warehouse opens the database: the one place that knows which engine is behind it.
//
// With chdb://DIR the engine runs in the process. Its folder has one writer at a time, kept apart by a lock
// that the kernel drops with the process, so a killed run blocks nobody. A writer publishes a read copy:
// hard links of the engine's files, swapped in by renaming a symlink. Readers work on a private copy of that,
// so they never wait for a writer, never see half a build, and cannot harm what is stored.
//
//	DIR/lock              the writer's lock, holding its pid
//	DIR/store/            the writer's engine
//	DIR/published         → published.<n>, the read copy
//	DIR/readers/<pid>-…/  a reader's private copy, and its lock beside it
//
// With clickhouse://, http:// or https:// it is a server, which needs none of that: [Warehouse.Publish] does nothing.
package warehouse
