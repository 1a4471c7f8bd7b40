package simulate

import _ "embed"

//go:embed srekpi.yml
var config string

// Config is the srekpi.yml that reads the exports of the demo's history, New(Seed,
// AsOf), from a folder "exports" beside it.
func Config() string { return config }
