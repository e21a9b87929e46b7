package ingest

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A partitioning deals the rows of a time chunk to segments.
type partitioning interface {
	// split gives the rows of each segment, in the order in which they were
	// read, and says what each one's shardSpec is.
	split(b *builder, j *joined) ([]part, error)
}

// A part is the rows of one segment.
type part struct {
	rows  []uint32
	shard func(number, of int) cluster.Shard
}

var partitionings = jsontype.New[partitioning]("partitionsSpec", "type")

func init() {
	partitionings.Add("dynamic", &dynamic{})
	partitionings.Add("hashed", &hashed{Function: cluster.HashFunction})
	partitionings.Add("range", &ranged{})
	partitionings.Add("single_dim", &singleDim{})
	partitionings.Add("dimension", &singleDim{})
}

const defaultRows = 5_000_000

// rowsOf is how many rows a segment is to have: the first that is set.
func rowsOf(settings ...int) int {
	for _, n := range settings {
		if n > 0 {
			return n
		}
	}
	return defaultRows
}

// dynamic fills one segment after the other.
type dynamic struct {
	MaxRows int `json:"maxRowsPerSegment"`
	Total   int `json:"maxTotalRows"`
}

// total is the most rows that are kept in memory.
func (d *dynamic) total() int64 {
	if d.Total > 0 {
		return int64(d.Total)
	}
	return 20_000_000
}

func numbered(number, of int) cluster.Shard {
	return &cluster.Numbered{Partition: number, Partitions: of}
}

func (d *dynamic) split(b *builder, j *joined) ([]part, error) {
	var out []part
	for rows := range slices.Chunk(j.rows(), rowsOf(d.MaxRows, b.spec.Tuning.MaxRows)) {
		out = append(out, part{rows, numbered})
	}
	return out, nil
}

// rows are all rows in the order in which they were read.
func (j *joined) rows() []uint32 {
	if j.order != nil {
		return j.order
	}
	out := make([]uint32, j.n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// hashed deals rows by the hash of some dimensions; of all and the time, if
// none are named.
type hashed struct {
	Shards     int      `json:"numShards"`
	Target     int      `json:"targetRowsPerSegment"`
	MaxRows    int      `json:"maxRowsPerSegment"`
	Dimensions []string `json:"partitionDimensions"`
	Function   string   `json:"partitionFunction"`
}

// Check looks over the members.
func (h *hashed) Check() error {
	if h.Function != cluster.HashFunction {
		return fault.At(fault.Invalidf("unknown function %q; known: %s", h.Function, cluster.HashFunction), "partitionFunction")
	}
	if h.Shards > 0 && (h.Target > 0 || h.MaxRows > 0) {
		return fault.At(fault.Invalidf("numShards and targetRowsPerSegment exclude each other"), "numShards")
	}
	return nil
}

func (h *hashed) split(b *builder, j *joined) ([]part, error) {
	rows := j.rows()
	of := h.Shards
	if of <= 0 {
		size := rowsOf(h.Target, h.MaxRows, b.spec.Tuning.MaxRows)
		of = max(1, (len(rows)+size-1)/size)
	}
	buckets := make([][]uint32, of)
	bucket, err := h.bucket(b, j, of)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		k := bucket(r)
		buckets[k] = append(buckets[k], r)
	}
	var out []part
	for k, rows := range buckets {
		if len(rows) > 0 {
			out = append(out, part{rows, func(number, parts int) cluster.Shard {
				return &cluster.Hashed{Partition: number, Partitions: parts, Bucket: &k, Buckets: &of,
					Dimensions: append([]string{}, h.Dimensions...), Function: &h.Function}
			}})
		}
	}
	return out, nil
}

// bucket is the function that deals rows. With dimensions named, queries that
// fix them look for their rows by cluster.HashBucket.
func (h *hashed) bucket(b *builder, j *joined, of int) (func(row uint32) int, error) {
	if len(h.Dimensions) == 0 {
		return func(r uint32) int { return int(j.hash(b, r) % uint64(of)) }, nil
	}
	read, err := b.tuples(j, h.Dimensions, "partitionsSpec.partitionDimensions")
	if err != nil {
		return nil, err
	}
	return func(r uint32) int { return cluster.HashBucket(read(r), of) }, nil
}

// hash mixes the time and all dimensions of a row.
func (j *joined) hash(b *builder, r uint32) uint64 {
	h := mix(uint64(j.times[r]))
	for k := range b.all {
		if b.all[k].dim == nil {
			continue
		}
		v := j.cols[k]
		switch {
		case v.Null(int(r)):
			h = mix(h ^ 0x9e3779b9)
		case v.Elem != nil && v.Dict == nil:
			lo, hi := v.List(int(r))
			for i := lo; i < hi; i++ {
				h = mix(h ^ scalarHash(v.Elem, i))
			}
		default:
			h = mix(h ^ scalarHash(v, int(r)))
		}
	}
	return h
}

func scalarHash(v *data.Vec, i int) uint64 {
	switch {
	case v.Dict != nil:
		return uint64(v.Code(i)) + 1
	case v.Off != nil:
		return hashBytes([]byte(v.Str(i)))
	case v.I64 != nil:
		return uint64(v.I64[i])
	}
	return math.Float64bits(v.Double(i))
}

// tuples reads the values of dimensions of a row as strings, nil for null.
func (b *builder) tuples(j *joined, dims []string, where string) (func(row uint32) []*string, error) {
	cols := make([]*data.Vec, len(dims))
	for i, name := range dims {
		k := slices.IndexFunc(b.all, func(f field) bool { return f.dim != nil && f.name == name })
		if k < 0 {
			return nil, fault.At(fault.Invalidf("there is no dimension %q", name), where)
		}
		if cols[i] = j.cols[k]; cols[i].Elem != nil {
			return nil, fault.At(fault.New(fault.Unsupported, "dimension %q has rows of several values: rows cannot be dealt by it", name), where)
		}
	}
	return func(row uint32) []*string {
		out := make([]*string, len(cols))
		for i, v := range cols {
			if !v.Null(int(row)) {
				s, _ := expr.Text(v.Value(int(row))).(string)
				out[i] = &s
			}
		}
		return out
	}, nil
}

// ranged deals rows by the order of some dimensions.
type ranged struct {
	Dimensions []string `json:"partitionDimensions"`
	Target     int      `json:"targetRowsPerSegment"`
	MaxRows    int      `json:"maxRowsPerSegment"`
	Grouped    bool     `json:"assumeGrouped"`
}

// Check looks over the members.
func (r *ranged) Check() error {
	if len(r.Dimensions) == 0 {
		return fault.At(fault.Invalidf("at least one dimension is required"), "partitionDimensions")
	}
	return nil
}

func (r *ranged) split(b *builder, j *joined) ([]part, error) {
	read, err := b.tuples(j, r.Dimensions, "partitionsSpec.partitionDimensions")
	if err != nil {
		return nil, err
	}
	cuts := cutRanges(j.rows(), read, r.size(b))
	out := make([]part, len(cuts))
	for k, c := range cuts {
		var start, end []*string
		if k > 0 {
			start = read(c[0])
		}
		if k+1 < len(cuts) {
			end = read(cuts[k+1][0])
		}
		out[k] = part{c, func(number, of int) cluster.Shard {
			return &cluster.Ranged{Dimensions: r.Dimensions, Start: start, End: end, Partition: number, Partitions: of}
		}}
	}
	for k := range out { // as they were read
		slices.Sort(out[k].rows)
		if j.order != nil {
			out[k].rows = inOrder(j.order, out[k].rows)
		}
	}
	return out, nil
}

func (r *ranged) size(b *builder) int {
	if r.Target > 0 || r.MaxRows > 0 {
		return rowsOf(r.Target, r.MaxRows*2/3)
	}
	return rowsOf(b.spec.Tuning.MaxRows)
}

// inOrder is the given rows, which ascend, as they come in order.
func inOrder(order, rows []uint32) []uint32 {
	out := make([]uint32, 0, len(rows))
	for _, r := range order {
		if _, ok := slices.BinarySearch(rows, r); ok {
			out = append(out, r)
		}
	}
	return out
}

// cutRanges orders rows by their tuples and cuts them into runs of about size
// rows; rows with the same tuple stay together.
func cutRanges(rows []uint32, read func(uint32) []*string, size int) [][]uint32 {
	type keyed struct {
		key string
		row uint32
	}
	keys := make([]keyed, len(rows))
	for i, r := range rows {
		keys[i] = keyed{tupleKey(read(r)), r}
	}
	slices.SortStableFunc(keys, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	var out [][]uint32
	var run []uint32
	for i, k := range keys {
		if len(run) >= size && k.key != keys[i-1].key {
			out, run = append(out, run), nil
		}
		run = append(run, k.row)
	}
	return append(out, run)
}

// tupleKey orders as the tuples do: null first, then by bytes.
func tupleKey(values []*string) string {
	var b bytes.Buffer
	for _, v := range values {
		if v == nil {
			b.WriteByte(0)
			continue
		}
		b.WriteByte(1)
		b.WriteString(strings.ReplaceAll(*v, "\x00", "\x00\xff"))
		b.WriteByte(0)
	}
	return b.String()
}

// singleDim is ranged by one dimension.
type singleDim struct {
	Dimension string `json:"partitionDimension"`
	Target    int    `json:"targetRowsPerSegment"`
	MaxRows   int    `json:"maxRowsPerSegment"`
	Grouped   bool   `json:"assumeGrouped"`
}

// Check looks over the members.
func (s *singleDim) Check() error {
	if s.Dimension == "" {
		return fault.At(fault.Invalidf("a dimension is required"), "partitionDimension")
	}
	return nil
}

func (s *singleDim) split(b *builder, j *joined) ([]part, error) {
	r := &ranged{Dimensions: []string{s.Dimension}, Target: s.Target, MaxRows: s.MaxRows}
	parts, err := r.split(b, j)
	for k := range parts {
		shard := parts[k].shard
		parts[k].shard = func(number, of int) cluster.Shard {
			x := shard(number, of).(*cluster.Ranged)
			one := &cluster.Single{Dimension: s.Dimension, Partition: number, Partitions: &of}
			if x.Start != nil {
				one.Start = x.Start[0]
			}
			if x.End != nil {
				one.End = x.End[0]
			}
			return one
		}
	}
	return parts, err
}
