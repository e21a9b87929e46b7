package native

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/planner"
)

// sliceOf is a hidden column: the ordinal of the slice that a row comes from.
const sliceOf = "\x00slice"

// bySegment says whether the answer is to be shown segment by segment.
func (c *common) bySegment() bool { return c.Context.Flag("bySegment", false) }

// sliced gives rows of a table the ordinal of their slice, if the answer is to
// be shown by segment; rows of other sources are of no segment.
func (c *common) sliced(s *Source) *Source {
	scan, ok := s.Node.(*planner.Scan)
	if !ok || !c.bySegment() {
		return s
	}
	out := *s
	out.Node = planner.NewOrigin(whole(scan), sliceOf)
	out.Schema = append(s.Schema[:len(s.Schema):len(s.Schema)], data.Field{Name: sliceOf, Type: data.LongType})
	return &out
}

// slices is the key by which groups of different segments stay apart, where
// they have to.
func (b *base) slices() []exec.Named {
	if b.Schema.Index(sliceOf) < 0 {
		return nil
	}
	return []exec.Named{{Name: sliceOf, Expr: expr.Column(sliceOf)}}
}

// renderBySegment shows the answer of every segment by itself. Rows come
// ordered by their slice.
func renderBySegment(w io.Writer, a *Answer, when stamp, show func(io.Writer, *Answer) error) error {
	all := func(facts []planner.SliceFact) []planner.SliceFact { return facts }
	return renderSegments(w, a, all, when, show)
}

// renderSegments is renderBySegment for those of the segments that are picked,
// from all in their order.
func renderSegments(w io.Writer, a *Answer, pick func([]planner.SliceFact) []planner.SliceFact, when stamp, show func(io.Writer, *Answer) error) error {
	all, err := drain(a.Rows)
	if err != nil {
		return err
	}
	rows := map[int64][]*data.Batch{}
	at := a.Schema.Index(sliceOf)
	for _, b := range all {
		for lo := 0; lo < b.N; {
			hi := lo + 1
			for hi < b.N && b.Cols[at].Long(hi) == b.Cols[at].Long(lo) {
				hi++
			}
			part := &data.Batch{N: hi - lo}
			for _, c := range b.Cols {
				part.Cols = append(part.Cols, c.Slice(nil, lo, hi))
			}
			slice := b.Cols[at].Long(lo)
			rows[slice] = append(rows[slice], part)
			lo = hi
		}
	}
	facts := a.Facts.Slices() // which are known once the rows were read
	slices.SortFunc(facts, func(x, y planner.SliceFact) int { return cmp.Compare(x.Ordinal, y.Ordinal) })
	t := text{w: w, b: []byte{'['}}
	for i, f := range pick(facts) {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		own := new(planner.Facts)
		own.Add(f)
		var results bytes.Buffer
		if err := show(&results, &Answer{Schema: a.Schema, Rows: stream(rows[int64(f.Ordinal)]), Facts: own}); err != nil {
			return err
		}
		t.b = when.append(append(t.b, `{"timestamp":`...), f.ID.Interval.Start)
		t.b = append(append(t.b, `,"result":{"results":`...), results.Bytes()...)
		t.b = jsontext.AppendString(append(t.b, `,"segment":`...), f.ID.String())
		if len(f.Intervals) > 0 {
			t.b = jsontext.AppendString(append(t.b, `,"interval":`...), f.Intervals[0].String())
		}
		t.b = append(t.b, "}}"...)
		if err := t.flush(); err != nil {
			return err
		}
	}
	t.b = append(t.b, ']')
	return t.end()
}

// stream gives batches that are at hand.
func stream(batches []*data.Batch) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		for _, b := range batches {
			if !yield(b, nil) {
				return
			}
		}
	}
}
