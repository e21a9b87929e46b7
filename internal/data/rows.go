package data

// Rows gathers numbers of batches as they are stored: codes stay codes while
// they mean the same.
type Rows struct {
	v   Vec
	set bool
	max int
}

// NewRows makes room for n rows.
func NewRows(n int) *Rows { return &Rows{max: n} }

// Fits says whether v's values can be added: plain numbers or codes that mean
// what those before do, none null or constant.
func (r *Rows) Fits(v *Vec) bool {
	o := &r.v
	return !r.set || o.Type == v.Type && o.Base == v.Base && o.Scale == v.Scale &&
		(o.U8 != nil) == (v.U8 != nil) && (o.U16 != nil) == (v.U16 != nil) && (o.U32 != nil) == (v.U32 != nil)
}

// Append adds the values of v, which fit.
func (r *Rows) Append(v *Vec) {
	o := &r.v
	if !r.set {
		r.set = true
		o.Type, o.Base, o.Scale = v.Type, v.Base, v.Scale
	}
	o.N += v.N
	o.U8, o.U16, o.U32 = more(o.U8, v.U8, v.N, r.max), more(o.U16, v.U16, v.N, r.max), more(o.U32, v.U32, v.N, r.max)
	o.I64, o.F64, o.F32 = more(o.I64, v.I64, v.N, r.max), more(o.F64, v.F64, v.N, r.max), more(o.F32, v.F32, v.N, r.max)
}

func more[T any](to, from []T, n, max int) []T {
	if from == nil {
		return to
	}
	if to == nil {
		to = make([]T, 0, max)
	}
	return append(to, from[:n]...)
}

// Reset forgets the values, but not what they meant, and keeps the memory.
func (r *Rows) Reset() {
	o := &r.v
	o.N = 0
	o.U8, o.U16, o.U32 = o.U8[:0], o.U16[:0], o.U32[:0]
	o.I64, o.F64, o.F32 = o.I64[:0], o.F64[:0], o.F32[:0]
}

// Vec is what was gathered, until Reset.
func (r *Rows) Vec() *Vec { return &r.v }
