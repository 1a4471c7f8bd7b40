// Package standin is for tests: the embedded engine behind real HTTP, as a ClickHouse server answers it, and a wire that
// is cut. Like a server it goes on with a statement whose client has gone, until a KILL QUERY ends it. What it is not: a
// server with users and rights, with the native protocol, or with replicas.
package standin
