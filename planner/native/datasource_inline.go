package native

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

func init() { dataSources.Add("inline", new(inline)) }

// inline is rows that stand in the query. Columns without a type have that of
// their values.
type inline struct {
	ColumnNames []string            `json:"columnNames"`
	ColumnTypes []string            `json:"columnTypes"`
	Rows        [][]json.RawMessage `json:"rows"`
}

// Check wants as many types and values as names.
func (x *inline) Check() error {
	if len(x.ColumnNames) == 0 {
		return missing("columnNames", "the names of the columns")
	}
	seen := map[string]bool{}
	for i, n := range x.ColumnNames {
		if seen[n] {
			return fault.At(fault.Invalidf("there are two columns %q", n), index("columnNames", i))
		}
		seen[n] = true
	}
	if x.ColumnTypes != nil && len(x.ColumnTypes) != len(x.ColumnNames) {
		return fault.At(fault.Invalidf("%d types for %d columns", len(x.ColumnTypes), len(x.ColumnNames)), "columnTypes")
	}
	for i, r := range x.Rows {
		if len(r) != len(x.ColumnNames) {
			return fault.At(fault.Invalidf("the row has %d values for %d columns", len(r), len(x.ColumnNames)), index("rows", i))
		}
	}
	return nil
}

// Source is the rows.
func (x *inline) Source(_ planner.Catalog, in []chrono.Interval) (*Source, error) {
	rows := &data.Batch{N: len(x.Rows)}
	schema := make(data.Schema, len(x.ColumnNames))
	var untyped []string
	for c, name := range x.ColumnNames {
		values := make([]any, len(x.Rows))
		for r := range x.Rows {
			v, err := jsonValue(x.Rows[r][c])
			if err != nil {
				return nil, fault.At(err, index(index("rows", r), c))
			}
			values[r] = v
		}
		t, given, err := x.typeOf(c, values)
		if err != nil {
			return nil, err
		}
		if !given {
			untyped = append(untyped, name)
		}
		multi := false
		for i := range values {
			_, list := values[i].([]any)
			multi = multi || list
			values[i] = inlineValue(values[i], x.Rows[i][c], t)
		}
		rows.Cols = append(rows.Cols, expr.Collect(t, values, multi))
		schema[c] = data.Field{Name: name, Type: t, Multi: multi && t.Kind == data.String}
	}
	s, err := newSource(&planner.Values{Columns: schema, Rows: rows, Name: "inline"}, "inline")
	if err != nil {
		return nil, err
	}
	s.Node, s.Untyped = within(s.Node, in), untyped
	return s, nil
}

func (x *inline) typeOf(c int, values []any) (t data.Type, given bool, err error) {
	if c < len(x.ColumnTypes) && x.ColumnTypes[c] != "" {
		t, err = data.ParseType(x.ColumnTypes[c])
		return t, true, fault.At(err, index("columnTypes", c))
	}
	mixed, texts := false, true
	for _, v := range values {
		own := typeOfValue(v)
		texts = texts && (own.Kind == data.Null || own.Element().Kind == data.String)
		mixed = mixed || t.Kind != data.Null && own.Kind != data.Null && own != t
		t = data.Merge(t, own)
	}
	switch {
	case mixed && texts: // one string or several
		t = data.StringType
	case mixed: // shown as they are written
		t = data.JSONType
	case t.Kind == data.Null:
		t = data.StringType
	}
	return t, false, nil
}

func typeOfValue(v any) data.Type {
	switch v := v.(type) {
	case nil:
		return data.NullType
	case int64, bool:
		return data.LongType
	case float64:
		return data.DoubleType
	case string:
		return data.StringType
	case []any:
		t := data.NullType
		for _, e := range v {
			t = data.Merge(t, typeOfValue(e))
		}
		if t.Kind == data.Null || t.Kind >= data.Array {
			t = data.StringType
		}
		return data.ArrayOf(t)
	}
	return data.JSONType
}

// inlineValue is a value as one of type t; JSON stays as it is written.
func inlineValue(v any, raw json.RawMessage, t data.Type) any {
	if v == nil {
		return nil
	}
	if t == data.JSONType {
		var short bytes.Buffer
		if json.Compact(&short, raw) == nil {
			return short.Bytes()
		}
		return []byte(raw)
	}
	from := typeOfValue(v)
	if from == t || from.Kind == data.Array && t.Kind == data.String {
		return v
	}
	if b, ok := v.(bool); ok {
		v = int64(0)
		if b {
			v = int64(1)
		}
	}
	return expr.ConvertValue(v, from, t)
}

// jsonValue is a JSON value as a Go value: nil, bool, int64, float64, string,
// []any or, of an object, its text.
func jsonValue(raw json.RawMessage) (any, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	switch raw[0] {
	case '{':
		return json.RawMessage(raw), nil
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, fault.Invalidf("%v", err)
		}
		out := make([]any, len(items))
		for i, r := range items {
			var err error
			if out[i], err = jsonValue(r); err != nil {
				return nil, err
			}
		}
		return out, nil
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, fault.Invalidf("%v", err)
		}
		return s, nil
	case 't', 'f':
		return raw[0] == 't', nil
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, fault.Invalidf("%s is no value", raw)
	}
	return f, nil
}
