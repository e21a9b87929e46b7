package expr

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Program is an expression compiled for one schema. It keeps what it worked
// out for dictionaries, so it belongs to one pipeline at a time.
type Program struct {
	Type data.Type
	Expr Expr
	eval func(s *data.Scratch, b *data.Batch) (*data.Vec, error)
}

// Eval computes the expression for every row of b, whose columns are those of
// the schema that it was compiled for. The result is valid as long as b.
func (p *Program) Eval(s *data.Scratch, b *data.Batch) (*data.Vec, error) { return p.eval(s, b) }

// Compile type-checks e and prepares it for rows of that schema.
func Compile(e Expr, schema data.Schema, env *Env) (*Program, error) {
	out, err := CompileAll([]Expr{e}, schema, env)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// CompileAll compiles expressions that are evaluated over the same batches, one
// after the other: what they have in common is computed once a batch.
func CompileAll(es []Expr, schema data.Schema, env *Env) ([]*Program, error) {
	with := Env{}
	if env != nil {
		with = *env
	}
	folded := make([]Expr, len(es))
	with.shared = &sharing{uses: map[string]int{}, memos: map[string]*memo{}}
	for i, e := range es {
		folded[i] = Fold(e, env)
		with.shared.count(folded[i])
	}
	out := make([]*Program, len(es))
	for i, e := range es {
		t, err := TypeOf(e, schema)
		if err != nil {
			return nil, err
		}
		eval, err := compile(folded[i], schema, &with)
		if err != nil {
			return nil, err
		}
		out[i] = &Program{t, e, eval}
	}
	return out, nil
}

type rowEval = func(s *data.Scratch, b *data.Batch) (*data.Vec, error)

func compile(e Expr, schema data.Schema, env *Env) (rowEval, error) {
	switch e := e.(type) {
	case *Col:
		i := schema.Index(e.Name)
		if i < 0 {
			return func(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
				return data.Nulls(s, data.NullType, b.N), nil
			}, nil
		}
		return func(_ *data.Scratch, b *data.Batch) (*data.Vec, error) { return b.Cols[i], nil }, nil
	case *Lit:
		one := data.Literal(e.Type, e.Value, 1)
		return func(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
			v := s.NewVec(e.Type, b.N)
			*v = *one
			v.N = b.N
			return v, nil
		}, nil
	case *Call:
		return env.shared.once(e, func() (rowEval, error) {
			if !e.whole() && Multi(e, schema) {
				return compileMapped(e, schema, env)
			}
			return compileCall(e, schema, env)
		})
	}
	return nil, fault.Invalidf("a lambda may stand only where a function takes one")
}

func compileCall(c *Call, schema data.Schema, env *Env) (rowEval, error) {
	types := make([]data.Type, len(c.Args))
	args := make([]rowEval, len(c.Args))
	for i, a := range c.Args {
		var err error
		if types[i], err = TypeOf(a, schema); err != nil {
			return nil, err
		}
		if _, lambda := a.(*Lambda); lambda {
			continue
		}
		if args[i], err = compile(a, schema, env); err != nil {
			return nil, err
		}
	}
	t, err := c.typeOf(types, schema)
	if err != nil {
		return nil, err
	}
	eval := c.Func.Eval
	if c.Func.Bind != nil {
		b := &Binding{Env: env, Args: c.Args, Types: types, Type: t, scope: schema}
		if eval, err = c.Func.Bind(b); err != nil {
			return nil, fault.Invalidf("%s: %v", c.Func.Name, err)
		}
		// What a lambda reads from around itself comes as further arguments.
		for i, a := range c.Args {
			if l, ok := a.(*Lambda); ok {
				outer, err := compileOuter(l, schema, env)
				if err != nil {
					return nil, err
				}
				args[i] = nothing
				args = append(args, outer...)
			}
		}
	}
	k := &call{f: c.Func, whole: c.whole(), t: t, eval: eval, args: args, vecs: make([]*data.Vec, len(args))}
	return k.run, nil
}

func nothing(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
	return data.Nulls(s, data.NullType, b.N), nil
}

func compileOuter(l *Lambda, schema data.Schema, env *Env) ([]rowEval, error) {
	var out []rowEval
	seen := map[string]bool{}
	for _, p := range l.Params {
		seen[p] = true
	}
	var err error
	Walk(l, func(name string) {
		if seen[name] || err != nil {
			return
		}
		seen[name] = true
		var r rowEval
		r, err = compile(Column(name), schema, env)
		out = append(out, r)
	})
	return out, err
}

// A call evaluates one function. It is where constants, words and multi-value
// strings are dealt with, so that functions see plain rows.
type call struct {
	f     *Func
	whole bool
	t     data.Type
	eval  Eval
	args  []rowEval
	vecs  []*data.Vec // of the current batch

	words map[wordsKey]*wordsDone
}

func (k *call) run(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
	free, multi, worded := 0, false, true
	for i, a := range k.args {
		v, err := a(s, b)
		if err != nil {
			if v, err = k.where(s, b, i, err); err != nil {
				return nil, err
			}
		}
		k.vecs[i] = v
		if !v.Const {
			free++
			worded = worded && v.Dict != nil
		}
		multi = multi || v.Multi()
	}
	switch {
	case k.f.Volatile:
		return k.eval(s, k.vecs, b.N)
	case multi && !k.whole:
		return overValues(s, k.vecs, b.N, k.eval)
	case free == 0 && b.N > 0:
		return k.once(s, b.N)
	case worded && free > 0 && free <= mostWorded:
		return k.overWords(s, b.N)
	}
	return k.eval(s, k.vecs, b.N)
}

// where evaluates argument i for the rows where it matters alone, after it
// failed for all of them together.
func (k *call) where(s *data.Scratch, b *data.Batch, i int, failed error) (*data.Vec, error) {
	if k.f.Needs == nil || i == 0 {
		return nil, failed
	}
	rows := k.f.Needs(s, k.vecs[:i], i, b.N)
	switch len(rows) {
	case b.N:
		return nil, failed
	case 0:
		return data.Nulls(s, data.NullType, b.N), nil
	}
	some := &data.Batch{N: len(rows), Cols: make([]*data.Vec, len(b.Cols))}
	for c, v := range b.Cols {
		some.Cols[c] = v.Take(s, rows)
	}
	v, err := k.args[i](s, some)
	if err != nil {
		return nil, err
	}
	back := data.MakeZero[uint32](s, b.N) // rows that do not matter get any value
	for at, r := range rows {
		back[r] = uint32(at)
	}
	return v.Take(s, back), nil
}

// once evaluates a call of constants for one row.
func (k *call) once(s *data.Scratch, n int) (*data.Vec, error) {
	for i, v := range k.vecs {
		one := s.NewVec(v.Type, 1)
		*one = *v
		one.N, one.Const = 1, false
		k.vecs[i] = one
	}
	v, err := k.eval(s, k.vecs, 1)
	if err != nil {
		return nil, err
	}
	out := s.NewVec(v.Type, n)
	*out = *v
	out.Const, out.N = true, n
	return out, nil
}

// Fold replaces calls of literals by their value. Calls that fail are left for
// evaluation to report, if a row ever reaches them.
func Fold(e Expr, env *Env) Expr {
	switch e := e.(type) {
	case *Call:
		args := make([]Expr, len(e.Args))
		literal := !e.Func.Volatile
		for i, a := range e.Args {
			args[i] = Fold(a, env)
			_, ok := args[i].(*Lit)
			literal = literal && ok
		}
		c := &Call{e.Func, args}
		if literal {
			if l, ok := foldCall(c, env); ok {
				return l
			}
		}
		return c
	case *Lambda:
		return &Lambda{e.Params, Fold(e.Body, env)}
	}
	return e
}

func foldCall(c *Call, env *Env) (*Lit, bool) {
	if env == nil {
		env = &Env{}
	}
	t, err := TypeOf(c, nil)
	if err != nil {
		return nil, false
	}
	eval, err := compileCall(c, nil, env)
	if err != nil {
		return nil, false
	}
	v, err := eval(nil, &data.Batch{N: 1})
	if err != nil {
		return nil, false
	}
	x := v.Value(0)
	if f, ok := x.(float32); ok {
		x = float64(f)
	}
	return &Lit{x, t}, true
}
