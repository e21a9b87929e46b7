package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/ovatedb/ovate/server/flight"
)

// serveFlight serves Arrow Flight on a port until stop is called, which waits
// for the queries under way. host "" is all interfaces; at is the address.
func serveFlight(host string, port int, q flight.Querier, log *slog.Logger) (stop func(), at string, err error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
	if err != nil {
		return nil, "", fmt.Errorf("port %d cannot be used for Flight: %w", port, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := flight.Serve(ctx, l, q, log); err != nil {
			log.Error("flight ended", "error", err)
		}
	}()
	return func() { cancel(); <-done }, l.Addr().String(), nil
}
