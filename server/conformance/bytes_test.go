package conformance

import (
	"flag"

	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/server/wire"
)

var asBytes = flag.Bool("bytes", false, "hand requests and rows between servers over as the bytes that a network would carry")

// config is how the flags want the servers of the corpus.
func config() single.Config {
	cfg := single.Config{Compute: *compute}
	if *asBytes {
		cfg.Via = wire.Bytes
	}
	return cfg
}
