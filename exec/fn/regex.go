package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn/regex"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The functions on regular expressions; patterns are Java's (package regex).
var (
	RegexpLike = expr.Register(&expr.Func{
		Name: "regexp_like", Min: 2, Max: 2, Type: giveTruth, Bind: bindRegexpLike, SQL: []expr.SQL{{Name: "REGEXP_LIKE", Returns: "BOOLEAN"}},
		Doc: "Whether a regular expression is found in a string."})
	RegexpExtract = expr.Register(&expr.Func{
		Name: "regexp_extract", Min: 2, Max: 3, Type: giveText, Bind: bindRegexpExtract, SQL: []expr.SQL{{Name: "REGEXP_EXTRACT"}},
		Doc: "What a regular expression, or one of its groups, matches in a string; null if it is not found."})
	RegexpReplace = expr.Register(&expr.Func{
		Name: "regexp_replace", Min: 3, Max: 3, Type: giveText, Bind: bindRegexpReplace, SQL: []expr.SQL{{Name: "REGEXP_REPLACE"}},
		Doc: "The string with every match of a regular expression replaced; $1 in the replacement is its first group."})
)

func bindRegexpLike(b *expr.Binding) (expr.Eval, error) {
	patterns, err := newMemo(b, 1, regex.Compile)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.StringType)
		pattern := patterns.column(args[1])
		return truthRows(s, args, n, func(i int) (bool, error) {
			r, err := pattern(i)
			if err != nil {
				return false, err
			}
			return r.Match(args[0].Str(i))
		})
	}, nil
}

func bindRegexpExtract(b *expr.Binding) (expr.Eval, error) {
	var index int64
	if len(b.Args) > 2 {
		v, _ := b.Literal(2)
		var ok bool
		if index, ok = v.(int64); !ok || index < 0 {
			return nil, fault.Invalidf("the number of the group must be a literal from 0 on")
		}
	}
	patterns, err := newMemo(b, 1, func(text string) (*regex.Regexp, error) {
		r, err := regex.Compile(text)
		if err == nil && index > int64(r.Groups()) {
			err = fault.Invalidf("there is no group %d: %q has %d", index, text, r.Groups())
		}
		return r, err
	})
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args[:2], data.StringType, data.StringType)
		pattern := patterns.column(args[1])
		return textRows(s, args, n, func(i int) (string, bool, error) {
			r, err := pattern(i)
			if err != nil {
				return "", false, err
			}
			x := args[0].Str(i)
			groups, err := r.Find(x)
			if err != nil || groups == nil || groups[2*index] < 0 {
				return "", false, err
			}
			return x[groups[2*index]:groups[2*index+1]], true, nil
		})
	}, nil
}

func bindRegexpReplace(b *expr.Binding) (expr.Eval, error) {
	patterns, err := newMemo(b, 1, regex.Compile)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.StringType, data.StringType)
		pattern := patterns.column(args[1])
		return textRows(s, args, n, func(i int) (string, bool, error) {
			r, err := pattern(i)
			if err != nil {
				return "", false, err
			}
			x, err := r.Replace(args[0].Str(i), args[2].Str(i))
			return x, err == nil, err
		})
	}, nil
}
