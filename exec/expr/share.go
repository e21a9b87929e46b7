package expr

import "github.com/ovatedb/ovate/internal/data"

// sharing finds the calls that several expressions, compiled together, have in
// common.
type sharing struct {
	uses  map[string]int
	memos map[string]*memo
}

// count notes the calls in e, those in lambdas aside: these see other rows.
func (s *sharing) count(e Expr) {
	c, ok := e.(*Call)
	if !ok {
		return
	}
	s.uses[c.String()]++
	for _, a := range c.Args {
		s.count(a)
	}
}

// once compiles a call that occurs several times only once, and lets it be
// computed once a batch.
func (s *sharing) once(c *Call, compile func() (rowEval, error)) (rowEval, error) {
	if s == nil || c.Func.Volatile {
		return compile()
	}
	text := c.String()
	if s.uses[text] < 2 {
		return compile()
	}
	if m := s.memos[text]; m != nil {
		return m.run, nil
	}
	eval, err := compile()
	if err != nil {
		return nil, err
	}
	m := &memo{eval: eval}
	s.memos[text] = m
	return m.run, nil
}

// A memo keeps the value of the last batch. Batches are not changed once they
// are given, so the same batch has the same value.
type memo struct {
	eval  rowEval
	batch *data.Batch
	value *data.Vec
}

func (m *memo) run(s *data.Scratch, b *data.Batch) (*data.Vec, error) {
	if m.batch == b {
		return m.value, nil
	}
	v, err := m.eval(s, b)
	m.batch, m.value = b, v
	if err != nil {
		m.batch = nil
	}
	return v, err
}
