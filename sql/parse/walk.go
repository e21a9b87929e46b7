package parse

import "reflect"

// Equal says whether two expressions are the same but for their places, the
// case of keywords and functions, needless quotes and parentheses. It is how
// an expression of GROUP BY is found again in a select.
func Equal(a, b Expr) bool { return same(reflect.ValueOf(a), reflect.ValueOf(b)) }

// EqualStatements is Equal for whole statements.
func EqualStatements(a, b *Statement) bool { return same(reflect.ValueOf(a), reflect.ValueOf(b)) }

var placeType = reflect.TypeFor[At]()

// counts says whether a field is part of what a node means.
func counts(f reflect.StructField) bool { return f.Type != placeType && f.Tag.Get("equal") != "-" }

// same compares two values of the tree. Nodes are reached by reflection, so
// that a new one needs no code here.
func same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if counts(a.Type().Field(i)) && !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// Walk calls visit for a node and, where visit returns true, for the nodes
// below it, in the order of the text's clauses. Subqueries are below the
// expressions that hold them.
func Walk(n Node, visit func(Node) bool) {
	if n != nil {
		walk(reflect.ValueOf(n), visit)
	}
}

func walk(v reflect.Value, visit func(Node) bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), visit)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(Node); ok && !visit(n) {
			return
		}
		walk(v.Elem(), visit)
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Int || k == reflect.String {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		if v.Type() == placeType {
			return
		}
		for i := range v.NumField() {
			walk(v.Field(i), visit)
		}
	}
}
