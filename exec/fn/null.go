package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var (
	// IsNull tests for null; of a multi-value string it tests every value.
	IsNull = expr.Register(&expr.Func{
		Name: "isnull", Min: 1, Max: 1, Type: giveTruth,
		SQL: []expr.SQL{{Name: "IS NULL"}, {Name: "IS UNKNOWN"}}, Doc: "Whether the value is null.",
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return vec.IsNull(s, args[0], n), nil
		},
	})
	// NotNull is its negation.
	NotNull = expr.Register(&expr.Func{
		Name: "notnull", Min: 1, Max: 1, Type: giveTruth,
		SQL: []expr.SQL{{Name: "IS NOT NULL"}, {Name: "IS NOT UNKNOWN"}}, Doc: "Whether the value is not null.",
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return vec.Not(s, vec.IsNull(s, args[0], n), n), nil
		},
	})
	// Coalesce is the first value that is not null.
	Coalesce = expr.Register(&expr.Func{
		Name: "coalesce", Aliases: []string{"nvl"}, Min: 1, Max: -1, Type: merged,
		SQL: []expr.SQL{{Name: "COALESCE", Build: coalesce}, {Name: "NVL", Build: coalesce}, {Name: "IFNULL", Build: coalesce}},
		Doc: "The first of the values that is not null.",
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			choice := &vec.Choice{}
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				if args[0].Type == b.Type && !args[0].HasNulls() {
					return args[0], nil
				}
				which := data.Make[uint8](s, n)
				for i := range which {
					which[i] = vec.NoChoice
				}
				for k := len(args) - 1; k >= 0; k-- {
					valid := args[k].Validity(s)
					for i := range which {
						if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
							which[i] = uint8(k)
						}
					}
				}
				return choose(s, choice, b.Type, which, args, n), nil
			}, nil
		},
		Needs: func(s *data.Scratch, args []*data.Vec, i, n int) []uint32 {
			var out []uint32
		rows:
			for row := range n {
				for _, a := range args[:i] {
					if !a.Null(row) {
						continue rows
					}
				}
				out = append(out, uint32(row))
			}
			return out
		},
	})
	// NullIf is the first value, but null where it equals the second.
	NullIf = expr.Register(&expr.Func{
		Name: "nullif", Min: 2, Max: 2, SQL: []expr.SQL{{Name: "NULLIF"}},
		Doc: "The first value, or null where both are equal.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := comparable(args)
			return args[0], err
		},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			choice := &vec.Choice{}
			equal, err := compareAs(b, vec.Equal, 0, 1)
			return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
				v, err := equal(s, args, n)
				if err != nil {
					return nil, err
				}
				which := data.MakeZero[uint8](s, n)
				for i, same := range vec.True(s, v, n).U8[:n] {
					if same != 0 {
						which[i] = vec.NoChoice
					}
				}
				return choose(s, choice, b.Type, which, args[:1], n), nil
			}, err
		},
	})
)

// coalesce gives COALESCE the type that SQL says it has.
func coalesce(args []expr.Typed) (expr.Expr, error) {
	c, err := expr.NewCall("coalesce", exprs(args)...)
	if err != nil {
		return nil, err
	}
	types := make([]data.Type, len(args))
	for i, a := range args {
		types[i] = a.Type
	}
	return sqlFloat(c, types), nil
}

// sqlFloat makes a result FLOAT where SQL has it so: where the first argument
// that is not exact is a FLOAT. Natively all such arithmetic is on DOUBLEs.
func sqlFloat(e expr.Expr, args []data.Type) expr.Expr {
	for _, t := range args {
		switch t.Kind {
		case data.Float:
			for _, u := range args {
				if !u.Numeric() && u.Kind != data.Null {
					return e
				}
			}
			return expr.Of("cast", e, expr.String("FLOAT"))
		case data.Double:
			return e
		}
	}
	return e
}

// merged is the type that holds the values of all arguments.
func merged(args []data.Type) (data.Type, error) {
	var out data.Type
	if len(args) > maxBranches {
		return out, fault.Invalidf("takes at most %d arguments", maxBranches)
	}
	for _, t := range args {
		out = data.Merge(out, t)
	}
	return out, nil
}

// choose picks a value of one of the arguments for every row, as type t.
func choose(s *data.Scratch, c *vec.Choice, t data.Type, which []uint8, from []*data.Vec, n int) *data.Vec {
	as := make([]*data.Vec, len(from))
	lists := t.Kind == data.Array
	for k, v := range from {
		if v != nil {
			as[k] = expr.Convert(s, v, t)
			lists = lists || as[k].Elem != nil
		}
	}
	if !lists {
		return c.Choose(s, t, which, as, n)
	}
	out := make([]any, n)
	multi := false
	for i, k := range which {
		if k != vec.NoChoice {
			out[i] = expr.Boxed(as[k], i)
			_, list := out[i].([]any)
			multi = multi || list
		}
	}
	return expr.Collect(t, out, multi)
}
