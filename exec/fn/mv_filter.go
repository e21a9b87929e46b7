package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn/regex"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The mv_filter functions keep some values of multi-value strings. A row that
// loses all of its values becomes null. A value is judged once per word of a
// dictionary.
var (
	MvFilterOnly = expr.Register(&expr.Func{
		Name: "mv_filter_only",
		SQL:  []expr.SQL{{Name: "MV_FILTER_ONLY"}},
		Doc:  "The values of a multi-value string that an array holds.",
		Min:  2, Max: 2, Whole: true, Multi: true, Type: listTo(data.StringType),
		Bind: func(b *expr.Binding) (expr.Eval, error) { return bindValues(b, true) },
	})
	MvFilterNone = expr.Register(&expr.Func{
		Name: "mv_filter_none",
		SQL:  []expr.SQL{{Name: "MV_FILTER_NONE"}},
		Doc:  "The values of a multi-value string that an array does not hold.",
		Min:  2, Max: 2, Whole: true, Multi: true, Type: listTo(data.StringType),
		Bind: func(b *expr.Binding) (expr.Eval, error) { return bindValues(b, false) },
	})
	MvFilterRegex = expr.Register(&expr.Func{
		Name: "mv_filter_regex",
		SQL:  []expr.SQL{{Name: "MV_FILTER_REGEX"}},
		Doc:  "The values of a multi-value string that match a regular expression as a whole.",
		Min:  2, Max: 2, Whole: true, Multi: true, Type: listTo(data.StringType),
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			text, err := literalText(b, "the pattern")
			if err != nil {
				return nil, err
			}
			re, err := regex.Compile(text)
			if err != nil {
				return nil, err
			}
			return keepValues(func(x string, null bool) (bool, error) {
				if null {
					return false, nil
				}
				return re.MatchWhole(x)
			}), nil
		},
	})
	MvFilterPrefix = expr.Register(&expr.Func{
		Name: "mv_filter_prefix",
		SQL:  []expr.SQL{{Name: "MV_FILTER_PREFIX"}},
		Doc:  "The values of a multi-value string that start with a text.",
		Min:  2, Max: 2, Whole: true, Multi: true, Type: listTo(data.StringType),
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			text, err := literalText(b, "the prefix")
			if err != nil {
				return nil, err
			}
			return keepValues(func(x string, null bool) (bool, error) { return !null && strings.HasPrefix(x, text), nil }), nil
		},
	})
)

func literalText(b *expr.Binding, what string) (string, error) {
	if v, ok := b.Literal(1); ok && v != nil {
		if s, ok := v.(string); ok {
			return s, nil
		}
	}
	return "", fault.Invalidf("%s must be a literal string", what)
}

func bindValues(b *expr.Binding, only bool) (expr.Eval, error) {
	v, ok := b.Literal(1)
	if !ok {
		return nil, fault.Invalidf("the values must be a literal array of strings")
	}
	values := map[string]bool{}
	hasNull := v == nil
	for _, x := range listOf(v, b.Types[1]) {
		if s, ok := expr.Text(x).(string); ok {
			values[s] = true
		} else {
			hasNull = true
		}
	}
	return keepValues(func(x string, null bool) (bool, error) {
		if null {
			return hasNull == only, nil
		}
		return values[x] == only, nil
	}), nil
}

// keepValues keeps the values for which keep says so.
func keepValues(keep func(x string, null bool) (bool, error)) expr.Eval {
	words := map[*data.Dict][]bool{}
	known := map[*data.Dict]expr.WordsWithNull{}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		l := listsOf(s, args[0], n)
		elem := expr.Convert(s, l.elem, data.StringType)
		values := elem
		if elem.Dict != nil {
			values = elem.Dict.Words
		}
		kept := words[elem.Dict]
		if elem.Dict == nil || kept == nil {
			kept = make([]bool, values.N)
			for i := range kept {
				var err error
				if kept[i], err = keep(values.Str(i), values.Null(i)); err != nil {
					return nil, err
				}
			}
			if elem.Dict != nil && len(words) < 100 {
				words[elem.Dict] = kept
			}
		}
		return keepMarked(s, l, elem, kept, known), nil
	}
}

// keepMarked keeps the elements whose row, or word, is marked.
func keepMarked(s *data.Scratch, l *lists, elem *data.Vec, kept []bool, known map[*data.Dict]expr.WordsWithNull) *data.Vec {
	n := len(l.lo)
	elem, nullAt := expr.WithNull(s, elem, known)
	pick := make([]uint32, 0, l.total+n)
	off := data.MakeZero[int32](s, n+1)
	for i := range n {
		for j := l.lo[i]; j < l.hi[i]; j++ {
			at := uint32(j)
			if elem.Dict != nil {
				at = elem.U32[j]
			}
			if kept[at] {
				pick = append(pick, uint32(j))
			}
		}
		if len(pick) == int(off[i]) {
			pick = append(pick, uint32(nullAt))
		}
		off[i+1] = int32(len(pick))
	}
	out := s.NewVec(data.StringType, n)
	out.Off, out.Elem = off, elem.Take(s, pick)
	return out
}
