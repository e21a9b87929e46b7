// Package jsontype reads JSON objects that name their own type: queries,
// filters, aggregators and the other families of Druid's native language, and
// the nodes of plans on the wire. It owns one generic registry per family and
// a decoder that says where in the text something is wrong.
package jsontype

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Family is the registry of the members of an interface T.
type Family[T any] struct {
	what    string // "filter": for messages
	key     string // the member of the object that names the type
	members map[string]reflect.Type
	names   map[reflect.Type]string
	short   map[byte]func(json.RawMessage) (T, error) // by the first byte of what is no object
	other   string                                    // the type of objects that name none, or one unknown; "": they must not
}

// family is what Of needs of a Family, whatever its T.
type family interface {
	decode(path string, raw json.RawMessage) (any, error)
}

var families = map[reflect.Type]family{}

// New declares the family of T. The type is named by the member key ("type"
// unless the family says otherwise).
func New[T any](what, key string) *Family[T] {
	f := &Family[T]{what, key, map[string]reflect.Type{}, map[reflect.Type]string{}, map[byte]func(json.RawMessage) (T, error){}, ""}
	families[reflect.TypeFor[T]()] = f
	return f
}

// Add declares a member: objects of that type are decoded into new values of
// sample's type, a pointer to a struct, starting from sample's contents (the
// defaults). The first name of a type is the one it is written with.
func (f *Family[T]) Add(name string, sample T) {
	if f.members[name] != nil {
		panic("jsontype: two " + f.what + "s " + name)
	}
	t := reflect.TypeOf(sample)
	f.members[name] = t
	if _, named := f.names[t]; !named {
		f.names[t] = name
	}
	samples[sampleKey{f.what, name}] = reflect.ValueOf(sample)
}

type sampleKey struct{ what, name string }

var samples = map[sampleKey]reflect.Value{}

// Short says what stands for a member where the JSON is no object but begins
// with one of the given bytes: a string where a table is meant, for instance.
func (f *Family[T]) Short(first string, read func(json.RawMessage) (T, error)) {
	for i := range len(first) {
		f.short[first[i]] = read
	}
}

// Default says which member an object is that does not name its type, or names
// one that is not known.
func (f *Family[T]) Default(name string) { f.other = name }

// Names are the names of the members, sorted.
func (f *Family[T]) Names() []string {
	out := make([]string, 0, len(f.members))
	for n := range f.members {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Name is the name a member is written with.
func (f *Family[T]) Name(member T) string { return f.names[reflect.TypeOf(member)] }

// Sample is the member that was added under that name.
func (f *Family[T]) Sample(name string) (T, bool) {
	v, ok := samples[sampleKey{f.what, name}]
	if !ok {
		var none T
		return none, false
	}
	return v.Interface().(T), true
}

// Decode reads a member. Errors have the path to the place, from path on.
func (f *Family[T]) Decode(path string, raw json.RawMessage) (T, error) {
	var none T
	v, err := f.decode(path, raw)
	if err != nil {
		return none, err
	}
	return v.(T), nil
}

func (f *Family[T]) decode(path string, raw json.RawMessage) (any, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil, where(path, "a %s is missing", f.what)
	}
	if raw[0] != '{' {
		if read := f.short[raw[0]]; read != nil {
			v, err := read(raw)
			if err != nil {
				return nil, prefix(path, err)
			}
			return v, nil
		}
		return nil, where(path, "a %s must be an object, got %s", f.what, show(raw))
	}
	var head map[string]json.RawMessage
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, where(path, "%s: %v", f.what, err)
	}
	var name string
	if err := json.Unmarshal(head[f.key], &name); err != nil && f.other == "" {
		return nil, where(path, "a %s must name its %s, a string; known: %s", f.what, f.key, strings.Join(f.Names(), ", "))
	}
	t := f.members[name]
	if t == nil && f.other != "" {
		name = f.other
		t = f.members[name]
	}
	if t == nil {
		hint := fault.Suggest(name, f.Names())
		if hint == "" {
			hint = "; known: " + strings.Join(f.Names(), ", ")
		}
		return nil, where(step(path, f.key), "unknown %s type %q%s", f.what, name, hint)
	}
	out := reflect.New(t.Elem())
	out.Elem().Set(samples[sampleKey{f.what, name}].Elem())
	if err := decodeObject(path, head, out.Elem()); err != nil {
		return nil, err
	}
	if c, ok := out.Interface().(Checker); ok {
		if err := c.Check(); err != nil {
			return nil, prefix(path, err)
		}
	}
	return out.Interface(), nil
}

// A Checker looks over what was decoded: required members, ranges. Its errors
// carry paths from the object on.
type Checker interface{ Check() error }

// Encode writes a member with its type's name.
func (f *Family[T]) Encode(member T) ([]byte, error) {
	b, err := json.Marshal(member)
	if err != nil {
		return nil, err
	}
	name, ok := f.names[reflect.TypeOf(member)]
	if !ok {
		return nil, fault.New(fault.Internal, "%T is no %s", member, f.what)
	}
	out := append([]byte(`{"`+f.key+`":`), quote(name)...)
	if len(b) > 2 {
		out = append(out, ',')
	}
	return append(out, b[1:]...), nil
}

func quote(s string) []byte { b, _ := json.Marshal(s); return b }

// Of is a field that holds a member of the family of T. Without one, V is nil.
type Of[T any] struct{ V T }

func (o *Of[T]) decode(path string, raw json.RawMessage) error {
	f, ok := families[reflect.TypeFor[T]()]
	if !ok {
		return fault.New(fault.Internal, "no family of %v", reflect.TypeFor[T]())
	}
	v, err := f.decode(path, raw)
	if err != nil {
		return err
	}
	o.V = v.(T)
	return nil
}

// MarshalJSON writes the member with its type, or null.
func (o Of[T]) MarshalJSON() ([]byte, error) {
	if any(o.V) == nil {
		return []byte("null"), nil
	}
	return families[reflect.TypeFor[T]()].(*Family[T]).Encode(o.V)
}

// UnmarshalJSON reads a member, or null.
func (o *Of[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	return o.decode("", b)
}
