package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

func init() {
	virtualColumns.Add("mv-filtered", &virtualListed{Allow: true})
	virtualColumns.Add("mv-regex-filtered", &virtualMatched{of: "mv_filter_regex"})
	virtualColumns.Add("mv-prefix-filtered", &virtualPrefixed{virtualMatched{of: "mv_filter_prefix"}})
}

// virtualListed is the values of a multi-value column that are, or are not,
// in a list.
type virtualListed struct {
	Name     string   `json:"name"`
	Delegate string   `json:"delegate"`
	Values   []string `json:"values"`
	Allow    bool     `json:"isAllowList"`
}

// Check wants a name, a column and values.
func (v *virtualListed) Check() error {
	switch {
	case v.Name == "":
		return missing("name", "the name of the column")
	case v.Delegate == "":
		return missing("delegate", "the name of a multi-value column")
	case v.Values == nil:
		return missing("values", "a list of values")
	}
	return nil
}

func (v *virtualListed) OutputName() string  { return v.Name }
func (v *virtualListed) Declared() data.Type { return data.StringType }

// Expr filters the values.
func (v *virtualListed) Expr(data.Schema) (expr.Expr, error) {
	name := "mv_filter_only"
	if !v.Allow {
		name = "mv_filter_none"
	}
	list := make([]any, len(v.Values))
	for i, x := range v.Values {
		list[i] = x
	}
	return expr.NewCall(name, expr.Column(v.Delegate), &expr.Lit{Value: list, Type: data.StringArray})
}

// virtualMatched is the values of a multi-value column that match a pattern.
type virtualMatched struct {
	Name     string `json:"name"`
	Delegate string `json:"delegate"`
	Pattern  string `json:"pattern"`
	Prefix   string `json:"prefix"`

	of string
}

// virtualPrefixed is the values that begin with a prefix.
type virtualPrefixed struct{ virtualMatched }

// Check wants a name, a column and a pattern.
func (v *virtualMatched) Check() error {
	switch {
	case v.Name == "":
		return missing("name", "the name of the column")
	case v.Delegate == "":
		return missing("delegate", "the name of a multi-value column")
	case v.of == "mv_filter_regex" && v.Pattern == "":
		return missing("pattern", "a regular expression")
	case v.of == "mv_filter_prefix" && v.Prefix == "":
		return missing("prefix", "a prefix")
	}
	return nil
}

func (v *virtualMatched) OutputName() string  { return v.Name }
func (v *virtualMatched) Declared() data.Type { return data.StringType }

// Expr filters the values.
func (v *virtualMatched) Expr(data.Schema) (expr.Expr, error) {
	return expr.NewCall(v.of, expr.Column(v.Delegate), expr.String(v.Pattern+v.Prefix))
}
