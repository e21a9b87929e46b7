package broker

import (
	"net/http"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

func (b *Broker) postSQL(w http.ResponseWriter, _ *http.Request) {
	server.WriteError(w, fault.New(fault.Unsupported, "SQL is being wired"))
}
