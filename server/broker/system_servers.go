package broker

import (
	"context"
	"net"
	"strconv"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
)

func init() {
	systemTables["servers"] = systemTable{
		schema: columns("server", "host", "plaintext_port#", "tls_port#", "server_type", "tier", "curr_size#", "max_size#",
			"is_leader#", "start_time", "version", "labels", "available_processors#", "total_memory#"),
		rows: serverRows,
	}
	systemTables["server_segments"] = systemTable{
		schema: columns("server", "segment_id"),
		rows:   serverSegmentRows,
	}
}

// serverRows are the servers that are announced.
func serverRows(ctx context.Context, b *Broker, only only, yield func(row) bool) error {
	ctx, cancel := context.WithTimeout(ctx, systemTimeout)
	defer cancel()
	leads, err := b.leader(ctx, "master")
	for _, s := range b.cfg.View.Servers() {
		host, port := splitAddress(s.Host)
		var tier, leader, started any
		size := int64(0)
		for _, d := range b.cfg.View.Served(s.Name) {
			size += d.Size
		}
		if s.Tier != "" {
			tier = s.Tier
		}
		if s.Type == cluster.Master {
			leader = flag(s.Name == leads)
		}
		if s.Started != 0 {
			started = chrono.FormatTime(s.Started, chrono.UTC)
		}
		shown := s.Name
		if s.Type == cluster.Master || s.Type == cluster.Broker {
			shown = s.Host // several roles may share a process
		}
		if only.allows("server", shown) && !yield(cells{shown, host, port, int64(-1), s.Type, tier, size, s.MaxSize, leader, started, nil, nil, nil, nil}) {
			break
		}
	}
	return err
}

// leader is the name of who leads an election; "" if nobody is known to.
func (b *Broker) leader(ctx context.Context, election string) (name string, err error) {
	if b.cfg.Coordinator == nil {
		return "", nil
	}
	for e, err := range b.cfg.Coordinator.Watch(ctx, cluster.LeaderPrefix+election) {
		switch {
		case err != nil:
			return name, err
		case e.Key == "": // all was given
			return name, nil
		case e.Key == cluster.LeaderPrefix+election:
			name = string(e.Value)
		}
	}
	return name, ctx.Err()
}

// splitAddress takes host:port apart; the port of what has none is -1.
func splitAddress(address string) (host string, port int64) {
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		return address, -1
	}
	if port, err = strconv.ParseInt(digits, 10, 64); err != nil {
		return host, -1
	}
	return host, port
}

func serverSegmentRows(_ context.Context, b *Broker, only only, yield func(row) bool) error {
	for _, s := range b.cfg.View.Servers() {
		if !only.allows("server", s.Name) {
			continue
		}
		for _, d := range b.cfg.View.Served(s.Name) {
			if !yield(servedRow{s.Name, d}) {
				return nil
			}
		}
	}
	return nil
}

// A servedRow is a row of sys.server_segments.
type servedRow struct {
	server string
	d      *cluster.Descriptor
}

func (r servedRow) cell(column int) any {
	if column == 0 {
		return r.server
	}
	return r.d.ID().String()
}
