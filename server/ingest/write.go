package ingest

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// writeChunk makes the segments of one time chunk.
func (b *builder) writeChunk(ctx context.Context, start int64, j *joined) ([]Built, error) {
	bucket := chrono.Interval{Start: start, End: b.segment.Next(start)}
	j.read = j.times
	if g := &b.spec.Data.Granularity; !g.query.IsNone() {
		j.times = make([]int64, j.n)
		g.query.FloorAll(j.times, j.read)
		if g.query.IsAll() {
			for i := range j.times {
				j.times[i] = bucket.Start
			}
		}
	}
	parts, err := b.spec.Tuning.Partitions.V.split(b, j)
	if err != nil {
		return nil, fault.At(err, "tuningConfig")
	}
	dims := b.comparisons(j)
	b.mu.Lock()
	first := b.parts[start]
	b.parts[start] += len(parts)
	b.mu.Unlock()
	var out []Built
	for i, p := range parts {
		k := first + i
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d := cluster.Descriptor{Source: b.spec.Data.Source, Interval: bucket, Version: b.cfg.Version, Shard: p.shard(k, len(parts))}
		if b.cfg.Allocate != nil {
			id, err := b.cfg.Allocate(ctx, bucket, k)
			if err != nil {
				return nil, err
			}
			d.Interval, d.Version, d.Shard = id.Interval, id.Version, numbered(id.Partition, 0)
		}
		one, err := b.writePart(j, p.rows, dims, d, i == len(parts)-1)
		if err != nil {
			return nil, fault.At(err, d.ID().String())
		}
		out = append(out, one)
		b.written.Add(one.Rows)
	}
	return out, nil
}

// comparisons order rows by the dimensions, in the order of the spec.
func (b *builder) comparisons(j *joined) []comparison {
	var out []comparison
	for _, k := range b.dimensions() {
		out = append(out, compareBy(j.cols[k]))
	}
	return out
}

// dimensions are the places of the dimensions among the fields: those of the
// spec, then those discovered, as they were met.
func (b *builder) dimensions() []int {
	var out []int
	for k, f := range b.all {
		if f.dim != nil {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(x, y int) int {
		return int(b.found[b.all[x].name] - b.found[b.all[y].name])
	})
	return out
}

// writePart writes one segment. What the last part of a chunk has used of j is
// freed as it goes.
func (b *builder) writePart(j *joined, rows []uint32, dims []comparison, d cluster.Descriptor, last bool) (Built, error) {
	rows = j.sort(rows, dims)
	first := rows
	var groups []uint32
	if b.spec.Data.Granularity.rollup() {
		first, groups = j.groups(rows, dims)
	}
	metrics, err := b.aggregate(j, rows, groups, len(first))
	if err != nil {
		return Built{}, err
	}
	times := make([]int64, len(first))
	for i, r := range first {
		times[i] = j.times[r]
	}
	cols := []file.Column{{Field: data.Field{Name: segment.Time, Type: data.LongType}, Vec: &data.Vec{Type: data.LongType, N: len(times), I64: times}}}
	var names, metricNames []string
	for _, k := range b.dimensions() {
		name := b.all[k].name
		cols, names = append(cols, dimensionColumn(name, j.cols[k].Take(nil, first))), append(names, name)
		if last {
			j.cols[k] = nil
		}
	}
	for _, m := range metrics {
		cols, metricNames = append(cols, m), append(metricNames, m.Field.Name)
	}
	d.Dimensions, d.Metrics = cluster.JoinNames(names), cluster.JoinNames(metricNames)
	return b.writeFile(cols, d, int64(len(first)), b.info(names, metricNames))
}

func (b *builder) writeFile(cols []file.Column, d cluster.Descriptor, rows int64, info segment.Info) (Built, error) {
	path, err := filepath.Abs(filepath.Join(b.cfg.Dir, filepath.FromSlash(cluster.StorageKey(d.ID(), FileName))))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err != nil {
		return Built{}, fault.New(fault.Internal, "%v", err)
	}
	if err := file.Write(path, d.ID(), info, cols); err != nil {
		return Built{}, err
	}
	stored, err := file.Peek(path)
	if err != nil {
		return Built{}, err
	}
	d.Schema, d.Rows, d.Size = stored.Schema, rows, stored.Info.Size
	d.LoadSpec, err = json.Marshal(cluster.Location{Type: "local", Path: path})
	return Built{d, path}, err
}

// info is what the file says of how it came about.
func (b *builder) info(dims, metrics []string) segment.Info {
	d := &b.spec.Data
	rollup := d.Granularity.rollup()
	ts, _ := json.Marshal(d.Timestamp) // strings always marshal
	query, _ := d.Granularity.query.MarshalJSON()
	return segment.Info{
		Dimensions: append([]string{}, dims...), Metrics: append([]string{}, metrics...), Rollup: &rollup,
		QueryGranularity: query, Aggregators: d.Metrics.combining(), TimestampSpec: ts,
	}
}

// index is a step of a path: [i].
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func names[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
