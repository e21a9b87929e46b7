package ingest

import (
	"context"
	"encoding/json"
	"os"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Publisher makes built segments known to a cluster.
type Publisher struct {
	Metadata cluster.Metadata
	Storage  cluster.Storage
	// Location says how a key of Storage is written in a loadSpec; nil: type
	// local, with the key.
	Location func(key string) cluster.Location
}

// Store puts the files of built segments into deep storage, removes them where
// they were built, and gives the descriptors that point there.
func (p *Publisher) Store(ctx context.Context, built []Built) ([]cluster.Descriptor, error) {
	var out []cluster.Descriptor
	for _, s := range built {
		d, err := p.store(ctx, s)
		if err != nil {
			return nil, fault.At(err, s.ID().String())
		}
		out = append(out, d)
	}
	return out, nil
}

func (p *Publisher) store(ctx context.Context, s Built) (cluster.Descriptor, error) {
	d := s.Descriptor
	f, err := os.Open(s.Path)
	if err != nil {
		return d, fault.New(fault.Internal, "%v", err)
	}
	defer f.Close()
	key := cluster.StorageKey(d.ID(), FileName)
	if err := p.Storage.Put(ctx, key, f); err != nil {
		return d, err
	}
	loc := cluster.Location{Type: "local", Key: key}
	if p.Location != nil {
		loc = p.Location(key)
	}
	if d.LoadSpec, err = json.Marshal(loc); err != nil {
		return d, err
	}
	return d, os.Remove(s.Path)
}

// Publish stores built segments and publishes all of them, or none, with what
// else is in the commit.
func (p *Publisher) Publish(ctx context.Context, built []Built, with cluster.Commit) ([]cluster.Descriptor, error) {
	ds, err := p.Store(ctx, built)
	if err != nil {
		return nil, err
	}
	with.Publish = append(with.Publish, ds...)
	return ds, p.Metadata.Commit(ctx, with)
}

// Known says whether a source has segments, used or not.
func (p *Publisher) Known(ctx context.Context, name string) (bool, error) {
	q := cluster.SegmentQuery{Source: name, State: cluster.UsedOrNot, Limit: 1}
	for _, err := range p.Metadata.Find(ctx, q) {
		return err == nil, err
	}
	return false, nil
}
