package planner

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ovatedb/ovate/exec"
)

// A Trace measures the steps of plans that are built with it. What other
// servers measured of their fragments comes with their answers (Facts).
type Trace struct {
	mu      sync.Mutex
	roots   []*tracedStep
	gathers map[*Gather]int
}

// A tracedStep is a node and its operator's span.
type tracedStep struct {
	node   Node
	span   *exec.Span
	inputs []*tracedStep
}

// A Measure is what a step of a plan cost on all servers that ran it.
type Measure struct {
	Step     string     `json:"step"`
	Cost     exec.Cost  `json:"cost"`
	Segments int        `json:"segments,omitempty"` // that a scan read
	Servers  int        `json:"servers"`            // that ran it
	Scan     bool       `json:"scan,omitempty"`
	Inputs   []*Measure `json:"inputs,omitempty"`
}

// build makes operators that count.
func (t *Trace) build(env *Env, n Node) (exec.Operator, error) {
	op, root, err := t.step(env, n)
	if err == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.roots = append(t.roots, root)
	}
	return op, err
}

func (t *Trace) step(env *Env, n Node) (exec.Operator, *tracedStep, error) {
	out := &tracedStep{node: n, span: new(exec.Span)}
	var inputs []exec.Operator
	for _, in := range n.Inputs() {
		op, below, err := t.step(env, in)
		if err != nil {
			return nil, nil, err
		}
		inputs, out.inputs = append(inputs, op), append(out.inputs, below)
	}
	op, err := n.Build(env, inputs)
	if err != nil {
		return nil, nil, err
	}
	return exec.Measured(op, out.span), out, nil
}

// number is that of a gather's fragments, from 1; 0 if nothing is measured.
func (t *Trace) number(g *Gather) int {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gathers == nil {
		t.gathers = map[*Gather]int{}
	}
	if t.gathers[g] == 0 {
		t.gathers[g] = len(t.gathers) + 1
	}
	return t.gathers[g]
}

// Measures are the plans that were built, the last first: it is the query's,
// and those before it were run so that it could be made. Facts have what was
// measured elsewhere; they may be nil.
func (t *Trace) Measures(f *Facts) []*Measure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*Measure
	for i := len(t.roots) - 1; i >= 0; i-- {
		out = append(out, t.measure(t.roots[i], f))
	}
	return out
}

func (t *Trace) measure(s *tracedStep, f *Facts) *Measure {
	out := &Measure{Step: s.node.String(), Cost: s.span.Cost(), Servers: 1}
	if scan, ok := s.node.(*Scan); ok {
		out.Scan, out.Segments = true, len(scan.Slices)
	}
	for _, in := range s.inputs {
		out.Inputs = append(out.Inputs, t.measure(in, f))
	}
	if g, ok := s.node.(*Gather); ok && f != nil {
		if m := f.measured(t.gathers[g]); m != nil {
			out.Inputs = append(out.Inputs, m)
		}
	}
	return out
}

// add sums what another server measured of the same fragment. Fragments of
// another shape, as they come of retries, add to the steps they share.
func (m *Measure) add(o *Measure) {
	m.Cost, m.Segments, m.Servers = m.Cost.Add(o.Cost), m.Segments+o.Segments, m.Servers+o.Servers
	for i, in := range o.Inputs {
		if i < len(m.Inputs) && m.Inputs[i].Scan == in.Scan {
			m.Inputs[i].add(in)
		}
	}
}

// Measured notes what a server measured of a fragment of the gather of that
// number.
func (f *Facts) Measured(gather int, m *Measure) {
	if f == nil || gather == 0 || m == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.measures == nil {
		f.measures = map[int]*Measure{}
	}
	if have := f.measures[gather]; have != nil {
		have.add(m)
		return
	}
	f.measures[gather] = m
}

// Measurements are what was noted, by the numbers of gathers.
func (f *Facts) Measurements() map[int]*Measure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.measures
}

func (f *Facts) measured(gather int) *Measure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.measures[gather]
}

// Text prints measures, a step a line, inputs indented under it.
func (m *Measure) Text() string {
	var b strings.Builder
	m.text(&b, 0)
	return b.String()
}

func (m *Measure) text(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%s%s  (rows %d, batches %d, time %s", strings.Repeat("  ", depth), m.Step, m.Cost.Rows, m.Cost.Batches, shortTime(m.Cost.Time))
	if m.Scan {
		fmt.Fprintf(b, ", bytes %d, segments %d", m.Cost.Bytes, m.Segments)
	}
	if m.Servers > 1 {
		fmt.Fprintf(b, ", servers %d", m.Servers)
	}
	b.WriteString(")\n")
	for _, in := range m.Inputs {
		in.text(b, depth+1)
	}
}

// shortTime is a time in milliseconds, to a microsecond.
func shortTime(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/1e6) }
