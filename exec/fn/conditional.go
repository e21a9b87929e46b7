package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var (
	// If chooses between two values.
	If = expr.Register(&expr.Func{
		Name: "if", Min: 3, Max: 3, Type: resultsFrom(0, 2), SQL: []expr.SQL{{Name: "IF"}},
		Doc:   "The second value if the condition is true, else the third.",
		Bind:  func(b *expr.Binding) (expr.Eval, error) { return searched(b), nil },
		Needs: searchedNeeds,
	})
	// CaseSearched is CASE WHEN ... THEN ... ELSE ... END.
	CaseSearched = expr.Register(&expr.Func{
		Name: "case_searched", Min: 2, Max: -1, Type: resultsFrom(0, 2),
		SQL:   []expr.SQL{{Name: "CASE", Build: buildCase}},
		Doc:   "The value after the first condition that is true, else the last value, or null where there is none.",
		Bind:  func(b *expr.Binding) (expr.Eval, error) { return searched(b), nil },
		Needs: searchedNeeds,
	})
	// CaseSimple is CASE x WHEN ... THEN ... ELSE ... END.
	CaseSimple = expr.Register(&expr.Func{
		Name: "case_simple", Min: 3, Max: -1, Type: resultsFrom(1, 2),
		Doc:  "The value after the first candidate that equals the first argument, else the last value, or null where there is none.",
		Bind: simple,
	})
)

// maxBranches is how many values a choice may have: a row's choice is a byte.
const maxBranches = int(vec.NoChoice)

// resultsFrom gives the type of a choice whose pairs of condition and value
// begin at first, the last value alone.
func resultsFrom(first, step int) func([]data.Type) (data.Type, error) {
	return func(args []data.Type) (data.Type, error) {
		var out data.Type
		if len(args) > 2*maxBranches {
			return out, fault.Invalidf("a choice has at most %d branches", maxBranches)
		}
		for i := first; i < len(args); i += step {
			if i+1 < len(args) {
				if k := args[i].Kind; first == 0 && k >= data.Array {
					return out, fault.Invalidf("expected a condition as argument %d, got %s", i+1, args[i])
				}
				out = data.Merge(out, args[i+1])
			} else {
				out = data.Merge(out, args[i])
			}
		}
		return out, nil
	}
}

// buildCase gives CASE the type that SQL says it has.
func buildCase(args []expr.Typed) (expr.Expr, error) {
	c, err := expr.NewCall("case_searched", exprs(args)...)
	if err != nil {
		return nil, err
	}
	var types []data.Type
	for i, a := range args {
		if i%2 == 1 || i == len(args)-1 {
			types = append(types, a.Type)
		}
	}
	return sqlFloat(c, types), nil
}

func searched(b *expr.Binding) expr.Eval {
	choice := &vec.Choice{}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		which, values := branches(s, args, n)
		for k := len(args)/2 - 1; k >= 0; k-- {
			values[k] = args[2*k+1]
			mark(which, vec.True(s, expr.Truth(s, args[2*k]), n), k)
		}
		return choose(s, choice, b.Type, which, values, n), nil
	}
}

// branches is the choice before any condition is looked at: the last of an odd
// number of arguments, or none.
func branches(s *data.Scratch, args []*data.Vec, n int) (which []uint8, values []*data.Vec) {
	which = data.Make[uint8](s, n)
	values = make([]*data.Vec, (len(args)+1)/2)
	other := uint8(vec.NoChoice)
	if len(args)%2 == 1 {
		other = uint8(len(args) / 2)
		values[other] = args[len(args)-1]
	}
	vec.Fill(which, other)
	return which, values
}

func mark(which []uint8, cond *data.Vec, k int) {
	vec.Mark(which, cond.U8[:len(which)], uint8(k))
}

// searchedNeeds says for which rows argument i matters: those that no
// condition before it took, and of a value those that its condition took.
func searchedNeeds(s *data.Scratch, args []*data.Vec, i, n int) []uint32 {
	free := data.MakeZero[uint8](s, n)
	value := i%2 == 1
	for j := 0; j+1 < i || j < i && !value; j += 2 {
		for r, yes := range vec.True(s, expr.Truth(s, args[j]), n).Flat(s).U8[:n] {
			free[r] |= yes
		}
	}
	var own []uint8
	if value {
		own = vec.True(s, expr.Truth(s, args[i-1]), n).Flat(s).U8[:n]
	}
	var out []uint32
	for r, taken := range free {
		if taken == 0 && (own == nil || own[r] != 0) {
			out = append(out, uint32(r))
		}
	}
	return out
}

func simple(b *expr.Binding) (expr.Eval, error) {
	choice := &vec.Choice{}
	var equal []expr.Eval
	for i := 1; i+1 < len(b.Types); i += 2 {
		e, err := compareAs(b, vec.Equal, 0, i)
		if err != nil {
			return nil, err
		}
		equal = append(equal, e)
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		which, values := branches(s, args[1:], n)
		for k := len(equal) - 1; k >= 0; k-- {
			same, err := equal[k](s, []*data.Vec{args[0], args[2*k+1]}, n)
			if err != nil {
				return nil, err
			}
			values[k] = args[2*k+2]
			mark(which, vec.True(s, same, n), k)
		}
		return choose(s, choice, b.Type, which, values, n), nil
	}, nil
}
