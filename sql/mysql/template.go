package mysql

import (
	"reflect"
	"strconv"

	"github.com/ovatedb/ovate/sql/parse"
)

// template is an expression in the Druid dialect with places for arguments,
// which are written as the columns "1", "2" and so on. It panics on a text
// that is none: templates are ours.
func template(text string) func(at parse.At, args ...parse.Expr) parse.Expr {
	e, err := parse.ParseExpr(text)
	if err != nil {
		panic("mysql: " + text + ": " + err.Error())
	}
	return func(at parse.At, args ...parse.Expr) parse.Expr {
		return filled(reflect.ValueOf(&e).Elem(), at, args).Interface().(parse.Expr)
	}
}

var placeType = reflect.TypeFor[parse.At]()

// filled copies a piece of a tree: everything in it stands at the place at,
// and arguments where their numbers are.
func filled(v reflect.Value, at parse.At, args []parse.Expr) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		if id, ok := v.Interface().(*parse.Ident); ok {
			if n, err := strconv.Atoi(id.Parts[0].Text); err == nil && n <= len(args) {
				out.Set(reflect.ValueOf(args[n-1]))
				return out
			}
		}
		out.Set(filled(v.Elem(), at, args))
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(filled(v.Elem(), at, args))
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(filled(v.Index(i), at, args))
		}
	case reflect.Struct:
		if v.Type() == placeType {
			return reflect.ValueOf(at)
		}
		for i := range v.NumField() {
			out.Field(i).Set(filled(v.Field(i), at, args))
		}
	default:
		return v
	}
	return out
}
