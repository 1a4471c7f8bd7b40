// Package sql carries the warehouse's SQL inside the binary: the schema of the
// landing and state tables, and one file per model. The folders are the layers
// of the road that a record takes: schema, staging, marts, kpis. What stands
// beside the tables for those who ask by hand is in functions, views, examples.
package sql

import (
	"embed"
	"io/fs"
)

//go:embed schema/*.sql
var schema embed.FS

//go:embed staging/*.sql marts/*.sql kpis/*.sql
var models embed.FS

//go:embed functions/*.sql views/*.sql examples/*.sql
var queries embed.FS

// Schema holds the goose migrations at its root.
func Schema() fs.FS {
	sub, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Models holds the folders staging, marts and kpis. The staging models of file
// sources are written from their mapping, see sql/model.
func Models() fs.FS { return models }

// Queries holds the folders functions, views and examples.
func Queries() fs.FS { return queries }
