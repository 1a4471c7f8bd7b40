// Package chdb runs ClickHouse inside the process (libchdb) behind the ordinary clickhouse-go driver.
//
// An [Engine] is an http.RoundTripper: given to clickhouse.Options.TransportFunc, it answers the driver's
// HTTP requests from a bounded pool of connections into one data folder, so that the rest of the program
// cannot tell the embedded engine from a server. The library is loaded on the first [Open]; importing the
// package costs nothing and needs no library.
//
// What the package promises: a setting, a database or a parameter of one query never reaches the next one;
// a result is read in chunks, so memory does not grow with it; a result that broke off never looks complete;
// a context that ends stops the statement inside the engine. To leave a large result early, cancel its
// context: the driver's Rows.Close reads on to the end.
package chdb
