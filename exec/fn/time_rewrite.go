package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
)

// TimestampRewrite writes the times of texts in another way.
var TimestampRewrite = expr.Register(&expr.Func{
	Name: "timestamp_rewrite", Min: 3, Max: 3, Type: giveText, Bind: bindTimeRewrite, SQL: []expr.SQL{{Name: "TIMESTAMP_REWRITE"}},
	Doc: "The time that a text begins with, read by a pattern and written by another one, both of the letters of CLDR, in UTC; text without a time stays.",
})

func bindTimeRewrite(b *expr.Binding) (expr.Eval, error) {
	var patterns [2]*chrono.Lenient
	for i, what := range []string{"the pattern to read by", "the pattern to write by"} {
		text, err := b.Text(i+1, what, "")
		if err != nil {
			return nil, err
		}
		if patterns[i], err = chrono.NewLenient(text); err != nil {
			return nil, err
		}
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args[:1], data.StringType)
		return appendRows(s, args, n, func(i int, buf []byte) ([]byte, bool, error) {
			text := args[0].Str(i)
			if ms, ok := patterns[0].Parse(text); ok {
				return patterns[1].Append(buf, ms), true, nil
			}
			return append(buf, text...), true, nil
		})
	}, nil
}
