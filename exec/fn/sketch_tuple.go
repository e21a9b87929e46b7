package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions of tuple sketches: theta sketches whose values carry numbers.
var (
	TupleSums = tupleFunc("ds_tuple_doubles_metrics_sum_estimate", "The sums of the numbers that a tuple sketch carries.", data.DoubleArray,
		func(s *sketch.TupleSet) (any, error) { return doubles(s.Sums()...), nil }, "DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE")
	TupleEstimate = tupleFunc("ds_tuple_doubles_estimate", "The number of distinct values that a tuple sketch saw.", data.DoubleType,
		func(s *sketch.TupleSet) (any, error) { return s.Estimate(), nil })
	TupleEntries = tupleFunc("ds_tuple_doubles_num_entries", "The number of values that a tuple sketch keeps.", data.LongType,
		func(s *sketch.TupleSet) (any, error) { return int64(s.Retained()), nil })
	TupleMeans = tupleFunc("ds_tuple_doubles_means", "The means of the numbers that a tuple sketch carries.", data.DoubleArray,
		func(s *sketch.TupleSet) (any, error) { return doubles(s.Means()...), nil })
	TupleVariances = tupleFunc("ds_tuple_doubles_variances", "The variances of the numbers that a tuple sketch carries.", data.DoubleArray,
		func(s *sketch.TupleSet) (any, error) { return doubles(s.Variances()...), nil })
	TupleToString = tupleFunc("ds_tuple_doubles_to_string", "A summary of a tuple sketch for people.", data.StringType,
		func(s *sketch.TupleSet) (any, error) { return s.String(), nil })

	TupleUnion = tupleSet("ds_tuple_doubles_union", "The union of tuple sketches, numbers added; the size of the result may come first or last.",
		func(size int, of []*sketch.TupleSet) (*sketch.TupleSet, error) {
			return sketch.UnionTuple(size, of[0].Width(), of...)
		})
	TupleIntersect = tupleSet("ds_tuple_doubles_intersect", "The intersection of tuple sketches, numbers added; a size may come first or last.",
		func(_ int, of []*sketch.TupleSet) (*sketch.TupleSet, error) { return sketch.IntersectTuple(of...) })
	TupleNot = tupleSet("ds_tuple_doubles_not", "What the first tuple sketch saw and none of the others did; a size may come first or last.",
		func(_ int, of []*sketch.TupleSet) (*sketch.TupleSet, error) {
			out := of[0]
			for _, o := range of[1:] {
				out = sketch.ANotBTuple(out, o)
			}
			return out, nil
		})
)

// Functions of tuple sketches with arguments of their own.
var (
	TupleBounds = expr.Register(&expr.Func{
		Name: "ds_tuple_doubles_estimate_with_error_bounds",
		Doc:  "The estimate of a tuple sketch, its lower and its upper bound, so many standard deviations apart (1).",
		Min:  1, Max: 2, Type: tupleFamily.of(data.DoubleArray),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := tupleOf(row[0], 1)
			if err != nil {
				return nil, err
			}
			n, err := stdDevs(row, 1)
			low, high := s.Bounds(max(n, 1))
			return doubles(s.Estimate(), low, high), err
		}),
	})
	TupleQuantiles = expr.Register(&expr.Func{
		Name: "ds_tuple_doubles_quantiles_sketch",
		Doc:  "The quantiles sketch, of a size (128), of one column (1) of the numbers that a tuple sketch carries.",
		Min:  1, Max: 3,
		Type: tupleFamily.of(quantileFamily.typ()),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := tupleOf(row[0], 1)
			if err != nil {
				return nil, err
			}
			q, err := s.Quantiles(int(numberOf(row, 1, 1))-1, int(numberOf(row, 2, 128)))
			if err != nil {
				return nil, err
			}
			return q.Bytes(), nil
		}),
	})
	TupleTTest = expr.Register(&expr.Func{
		Name: "ds_tuple_doubles_ttest",
		Doc:  "The p-values, column by column, of Student's t-test between the numbers of two tuple sketches.",
		Min:  2, Max: 2,
		Type: func(args []data.Type) (data.Type, error) {
			if err := tupleFamily.check(args, 0); err != nil {
				return data.DoubleArray, err
			}
			return data.DoubleArray, tupleFamily.check(args, 1)
		},
		Bind: rowsOf(func(row []any) (any, error) {
			of, err := tuplesOf(row)
			if err != nil {
				return nil, err
			}
			return array(of[0].TTest(of[1]))
		}),
	})
)

func tupleFunc(name, doc string, t data.Type, f func(s *sketch.TupleSet) (any, error), sql ...string) *expr.Func {
	fn := &expr.Func{
		Name: name, Doc: doc, Min: 1, Max: 1, Type: tupleFamily.of(t),
		Bind: rowsOf(func(row []any) (any, error) {
			s, err := tupleOf(row[0], 1)
			if err != nil {
				return nil, err
			}
			return f(s)
		}),
	}
	for _, n := range sql {
		fn.SQL = append(fn.SQL, expr.SQL{Name: n})
	}
	return expr.Register(fn)
}

// tupleSet registers a set operation, whose SQL name is its native one.
func tupleSet(name, doc string, op func(size int, of []*sketch.TupleSet) (*sketch.TupleSet, error)) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, SQL: []expr.SQL{{Name: strings.ToUpper(name)}}, Doc: doc, Min: 1, Max: -1,
		Type: typeOfSet(tupleFamily),
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			return expr.LiftRows(b.Type, func(row []any) (any, error) {
				size, row, err := setSize(b.Types, row)
				if err != nil {
					return nil, err
				}
				of, err := tuplesOf(row)
				if err != nil {
					return nil, err
				}
				out, err := op(size, of)
				if err != nil {
					return nil, err
				}
				return out.Bytes(), nil
			}), nil
		},
	})
}

func tupleOf(x any, width int) (*sketch.TupleSet, error) {
	b, err := imageOf(x)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		return sketch.EmptyTuple(width), nil
	}
	return sketch.ReadTuple(b)
}

// tuplesOf reads all of a row; the empty ones carry as many numbers as the
// others, which must agree.
func tuplesOf(row []any) ([]*sketch.TupleSet, error) {
	out := make([]*sketch.TupleSet, len(row))
	width := 0
	for i, x := range row {
		if x == nil {
			continue
		}
		var err error
		if out[i], err = tupleOf(x, 1); err != nil {
			return nil, err
		}
		if width != 0 && out[i].Width() != width {
			return nil, fault.Invalidf("tuple sketches of %d and of %d numbers do not go together", width, out[i].Width())
		}
		width = out[i].Width()
	}
	for i := range out {
		if out[i] == nil {
			out[i] = sketch.EmptyTuple(max(width, 1))
		}
	}
	return out, nil
}
