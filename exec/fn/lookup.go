package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Lookup replaces a key by its value in a lookup of the cluster.
var Lookup = expr.Register(&expr.Func{
	Name: "lookup", Min: 2, Max: 3, Type: giveText, Bind: bindLookup, SQL: []expr.SQL{{Name: "LOOKUP"}},
	Doc: "The value that a lookup has for a key; for a key that it lacks, null or the third argument.",
})

func bindLookup(b *expr.Binding) (expr.Eval, error) {
	name, err := b.Text(1, "the name of the lookup", "")
	if err != nil {
		return nil, err
	}
	if b.Env.Lookup == nil {
		return nil, fault.New(fault.Internal, "lookup %q: there are no lookups here", name)
	}
	table, ok := b.Env.Lookup(name)
	if !ok {
		return nil, fault.Invalidf("lookup %q not found", name)
	}
	other, replace, err := replacement(b)
	if err != nil {
		return nil, err
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		keys := expr.Convert(s, args[0], data.StringType)
		return textRows(s, nil, n, func(i int) (string, bool, error) {
			if !keys.Null(i) {
				if v, ok := table.Get(keys.Str(i)); ok {
					return v, true, nil
				}
			}
			return other, replace, nil
		})
	}, nil
}

// replacement is the literal that stands for missing keys, if there is one.
func replacement(b *expr.Binding) (text string, ok bool, err error) {
	if len(b.Args) < 3 {
		return "", false, nil
	}
	v, literal := b.Literal(2)
	if !literal {
		return "", false, fault.Invalidf("the replacement for missing keys must be a literal")
	}
	text, ok = expr.Text(v).(string)
	return text, ok, nil
}
