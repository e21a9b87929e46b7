package fn

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Strpos finds a string in another, counting UTF-16 units from 0.
var Strpos = expr.Register(&expr.Func{
	Name: "strpos", Min: 2, Max: 3, Type: giveLong, Eval: strpos,
	SQL: []expr.SQL{
		{Name: "STRPOS", Build: func(a []expr.Typed) (expr.Expr, error) { return position(a[0].Expr, a[1].Expr, a[2:]), nil }},
		{Name: "POSITION", Build: func(a []expr.Typed) (expr.Expr, error) { return position(a[1].Expr, a[0].Expr, a[2:]), nil },
			Doc: "POSITION(needle IN haystack FROM start): where the needle is found, 1 for the first character; 0 if nowhere."},
	},
	Doc: "Where the second string is found in the first, from an index on: 0 for the first character; -1 if nowhere.",
})

func position(haystack, needle expr.Expr, from []expr.Typed) expr.Expr {
	args := []expr.Expr{haystack, needle}
	if len(from) > 0 {
		args = append(args, sqlIndex(from[0].Expr))
	}
	return expr.Of("plus", expr.Of("strpos", args...), expr.Long(1))
}

func strpos(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
	args = coerced(s, args, data.StringType, data.StringType, data.LongType)
	if needle, ok := oneNeedle(args[1]); ok && len(args) == 2 && isRaw(args[0]) {
		return positions(s, args[0], n, needle), nil
	}
	return longRows(s, args, n, func(i int) (int64, bool, error) {
		x, part := halved(args[0].Str(i), args[1].Str(i))
		start, through := 0, 0
		if len(args) > 2 {
			start, through = unitAt(x, int(min(max(args[2].Long(i), 0), int64(len(x)))))
		}
		if through > 0 {
			_, size := wtf8.DecodeRune(x[start:])
			start += size
		}
		at := strings.Index(x[start:], part)
		if at < 0 {
			return -1, true, nil
		}
		return int64(units(x[:start+at])), true, nil
	})
}

// Replace replaces every occurrence of a string.
var Replace = expr.Register(&expr.Func{
	Name: "replace", Min: 3, Max: 3, Type: giveText, SQL: []expr.SQL{{Name: "REPLACE"}},
	Doc: "The first string with every occurrence of the second replaced by the third.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.StringType, data.StringType)
		return textRows(s, args, n, func(i int) (string, bool, error) {
			text, from, to := args[0].Str(i), args[1].Str(i), args[2].Str(i)
			if len(text)*len(to) > maxText && len(text)+strings.Count(text, from)*(len(to)-len(from)) > maxText {
				return "", false, fault.New(fault.Limit, "cannot replace %d times by %d bytes: the limit is %d bytes", strings.Count(text, from), len(to), maxText)
			}
			text, from = halved(text, from)
			return strings.ReplaceAll(text, from, to), true, nil
		})
	},
})

// halved makes halves of all characters of x that have two if part has such a
// half, so that it is found within them.
func halved(x, part string) (string, string) {
	if wtf8.Index(part) < 0 {
		return x, part
	}
	return wtf8.Halve(x), wtf8.Halve(part)
}

// ContainsString and IcontainsString say whether a string is in another.
var (
	ContainsString = expr.Register(&expr.Func{
		Name: "contains_string", Min: 2, Max: 2, Type: giveTruth, SQL: []expr.SQL{{Name: "CONTAINS_STRING", Returns: "BOOLEAN"}},
		Doc: "Whether the first string contains the second.",
		Eval: containsEval(func(x, part string) bool {
			x, part = halved(x, part)
			return strings.Contains(x, part)
		}, vec.Contains)})
	IcontainsString = expr.Register(&expr.Func{
		Name: "icontains_string", Min: 2, Max: 2, Type: giveTruth, SQL: []expr.SQL{{Name: "ICONTAINS_STRING", Returns: "BOOLEAN"}},
		Doc:  "Whether the first string contains the second, in any case.",
		Eval: containsEval(containsFold, nil)})
)

// containsEval searches in bulk where it can: bulk is nil where there is no such
// search.
func containsEval(contains func(x, part string) bool, bulk bulkSearch) expr.Eval {
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.StringType)
		if needle, ok := oneNeedle(args[1]); ok && bulk != nil && isRaw(args[0]) {
			return searchedBulk(s, args[0], n, needle, bulk), nil
		}
		return truthRows(s, args, n, func(i int) (bool, error) {
			return contains(args[0].Str(i), args[1].Str(i)), nil
		})
	}
}

// containsFold looks for part at every character of x that may begin it.
func containsFold(x, part string) bool {
	if plainASCII(x) && plainASCII(part) {
		for i := 0; i+len(part) <= len(x); i++ {
			if strings.EqualFold(x[i:i+len(part)], part) {
				return true
			}
		}
		return false
	}
	x, part = halved(x, part)
	return strings.Contains(folded(x), folded(part))
}

// folded makes strings equal that differ in case alone.
func folded(x string) string {
	return wtf8.Map(x, func(x string) string { return strings.ToLower(strings.ToUpper(x)) })
}
