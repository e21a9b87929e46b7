package fn

import (
	"strings"
	"unicode"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Functions that Druid lacks and analysts look for.
var (
	StartsWith = expr.Register(&expr.Func{
		Name: "starts_with", Min: 2, Max: 2, Type: giveTruth, SQL: []expr.SQL{{Name: "STARTS_WITH", Returns: "BOOLEAN"}},
		Doc:  "Whether the first string begins with the second.",
		Eval: containsEval(strings.HasPrefix, vec.Prefixed)})
	EndsWith = expr.Register(&expr.Func{
		Name: "ends_with", Min: 2, Max: 2, Type: giveTruth, SQL: []expr.SQL{{Name: "ENDS_WITH", Returns: "BOOLEAN"}},
		Doc:  "Whether the first string ends with the second.",
		Eval: containsEval(strings.HasSuffix, nil)})
	InitCap = expr.Register(&expr.Func{
		Name: "initcap", Min: 1, Max: 1, Type: giveText, SQL: []expr.SQL{{Name: "INITCAP"}},
		Doc: "The string with the first letter of each word in upper case, the others in lower case.",
		Eval: textEval(func(args []*data.Vec, i int) (string, bool) {
			return initCap(args[0].Str(i)), true
		}, data.StringType)})
	SplitPart = expr.Register(&expr.Func{
		Name: "split_part", Min: 3, Max: 3, Type: giveText, SQL: []expr.SQL{{Name: "SPLIT_PART"}},
		Doc:  "One of the parts of a string between separators, 1 being the first and -1 the last; empty if there are fewer.",
		Eval: splitPart})
	ConcatWS = expr.Register(&expr.Func{
		Name: "concat_ws", Min: 2, Max: -1, Type: giveText, SQL: []expr.SQL{{Name: "CONCAT_WS"}},
		Doc:  "The arguments after the first as text, those that are null left out, with the first between them.",
		Eval: expr.LiftRows(data.StringType, concatWS)})
)

func initCap(x string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		first := !inWord
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r)
		if first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, x)
}

func splitPart(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
	args = coerced(s, args, data.StringType, data.StringType, data.LongType)
	return textRows(s, args, n, func(i int) (string, bool, error) {
		at := args[2].Long(i)
		if at == 0 {
			return "", false, badValue("split_part counts parts from 1, or from -1 backwards, not from 0")
		}
		parts := []string{args[0].Str(i)}
		if by := args[1].Str(i); by != "" {
			parts = strings.Split(parts[0], by)
		}
		if at < 0 {
			at += int64(len(parts)) + 1
		}
		if at < 1 || at > int64(len(parts)) {
			return "", true, nil
		}
		return parts[at-1], true, nil
	})
}

func concatWS(args []any) (any, error) {
	by, ok := args[0].(string)
	if !ok {
		if args[0] == nil {
			return nil, nil
		}
		return nil, fault.Invalidf("concat_ws expects a string to put between")
	}
	var parts []string
	for _, x := range args[1:] {
		if t, ok := expr.Text(x).(string); ok {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, by), nil
}
