package filter

import (
	"encoding/json"
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	extractions.Add("lookup", new(mapLookup))
	extractions.Add("registeredLookup", new(registeredLookup))
}

// missing says what becomes of values that a lookup lacks: null unless they
// are retained or replaced.
type missing struct {
	Retain      bool    `json:"retainMissingValue"`
	Replacement *string `json:"replaceMissingValueWith"`
}

func (m *missing) check() error {
	if m.Retain && m.Replacement != nil && *m.Replacement != "" {
		return fault.At(fault.Invalidf("cannot be given together with retainMissingValue"), "replaceMissingValueWith")
	}
	return nil
}

// or is found, or what stands for a value that was not.
func (m *missing) or(found, value expr.Expr) expr.Expr {
	switch {
	case m.Retain:
		return expr.Of("coalesce", found, value)
	case m.Replacement != nil:
		return expr.Of("coalesce", found, expr.String(*m.Replacement))
	}
	return found
}

// registeredLookup is a lookup of the cluster.
type registeredLookup struct {
	Lookup    *string `json:"lookup"`
	Injective bool    `json:"injective"`
	missing
}

func (f *registeredLookup) injective() bool { return f.Injective }

// Check wants the name of a lookup.
func (f *registeredLookup) Check() error {
	if f.Lookup == nil || *f.Lookup == "" {
		return fault.At(fault.Invalidf("missing: the name of a lookup is required"), "lookup")
	}
	return f.missing.check()
}

// Expr is lookup.
func (f *registeredLookup) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if err != nil {
		return nil, err
	}
	args := []expr.Expr{e, expr.String(*f.Lookup)}
	if f.Replacement != nil && !f.Retain {
		return expr.Of("lookup", append(args, expr.String(*f.Replacement))...), nil
	}
	return f.or(expr.Of("lookup", args...), e), nil
}

// mapLookup is a lookup that the query brings along.
type mapLookup struct {
	Lookup    *pairs `json:"lookup"`
	Injective *bool  `json:"injective"` // nil: as the map says
	missing
}

func (f *mapLookup) injective() bool {
	if f.Injective != nil {
		return *f.Injective
	}
	return f.Lookup.OneToOne
}

// pairs is {"type": "map", "map": {...}, "isOneToOne": false}.
type pairs struct {
	Type     string            `json:"type"`
	Map      map[string]scalar `json:"map"`
	OneToOne bool              `json:"isOneToOne"`
}

// UnmarshalJSON wants the type map.
func (p *pairs) UnmarshalJSON(b []byte) error {
	var form struct {
		Type string                     `json:"type"`
		Map  map[string]json.RawMessage `json:"map"`

		OneToOne bool `json:"isOneToOne"`
	}
	if err := json.Unmarshal(b, &form); err != nil {
		return fault.Invalidf("expected an object with type and map: %v", err)
	}
	if form.Type != "map" {
		return fault.At(fault.Invalidf("expected map, got %q", form.Type), "type")
	}
	p.Type, p.Map, p.OneToOne = form.Type, map[string]scalar{}, form.OneToOne
	for k, raw := range form.Map {
		var v scalar
		if string(raw) != "null" {
			if err := v.UnmarshalJSON(raw); err != nil {
				return fault.At(fault.At(err, k), "map")
			}
		}
		p.Map[k] = v
	}
	return nil
}

// Check wants a lookup.
func (f *mapLookup) Check() error {
	if f.Lookup == nil {
		return fault.At(fault.Invalidf("missing: a lookup such as {\"type\": \"map\", \"map\": {...}} is required"), "lookup")
	}
	return f.missing.check()
}

// Expr is map_values, its keys sorted so that equal lookups are equal texts.
func (f *mapLookup) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(f.Lookup.Map))
	for k := range f.Lookup.Map {
		names = append(names, k)
	}
	sort.Strings(names)
	keys, values := []any{}, []any{}
	for _, k := range names {
		if v := f.Lookup.Map[k]; v.set {
			keys, values = append(keys, k), append(values, v.text)
		}
	}
	list := func(x []any) expr.Expr { return &expr.Lit{Value: x, Type: data.StringArray} }
	return f.or(expr.Of("map_values", e, list(keys), list(values)), e), nil
}
