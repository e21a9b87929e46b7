package planner

// Distribute cuts a plan where the data is. It climbs from each scan: while a
// node can work beside the segments, it goes into the fragment; the first that
// leaves something to do above ends it, and a Gather takes its place.
func Distribute(n Node, loc Locator) (Node, error) {
	n, err := throughUnions(n)
	if err != nil {
		return nil, err
	}
	n, open, err := climb(n, loc)
	if err != nil || open == nil {
		return n, err
	}
	return open.close(n), nil
}

// An open fragment is a subtree that runs beside the segments of its scan, or
// over the parts of stages, and over which no gather is yet.
type fragment struct {
	targets []Target
	stages  []Node
	ways    int
}

// sole says whether all slices are on one server: then whatever is above the
// scan can be done there as a whole, and no states need to be merged.
func (f *fragment) sole() bool { return f.stages == nil && len(f.targets) == 1 }

// close is the rows of n, which is all of the fragment.
func (f *fragment) close(n Node) Node {
	if f.stages != nil {
		return &Exchanged{n, f.stages, f.ways}
	}
	return &Gather{n, f.targets}
}

// climb distributes n. If open is set, n as a whole is part of that fragment.
func climb(n Node, loc Locator) (out Node, open *fragment, err error) {
	if s, ok := n.(*Scan); ok {
		targets, err := locate(loc, s)
		return s, &fragment{targets: targets}, err
	}
	inputs := n.Inputs()
	opens := make([]*fragment, len(inputs))
	for i, in := range inputs {
		if inputs[i], opens[i], err = climb(in, loc); err != nil {
			return nil, nil, err
		}
	}
	if len(inputs) == 0 {
		return n, nil, nil
	}
	n = n.With(inputs...)
	if out, open, err := exchange(n, opens); open != nil || err != nil {
		return out, open, err
	}
	if opens[0] != nil {
		if j, ok := n.(*Join); ok && opens[1] == nil && local(inputs[1]) && (opens[0].sole() || keepsLeft(j)) {
			return j, opens[0], nil
		}
		if len(inputs) == 1 && opens[0].sole() {
			return n, opens[0], nil
		}
		if s, ok := n.(Splitter); ok && len(inputs) == 1 {
			if below, above := s.Split(); below != nil && above == nil {
				return below, opens[0], nil
			} else if below != nil {
				return above.With(opens[0].close(below)), nil, nil
			}
		}
	}
	for i := range inputs {
		if opens[i] != nil {
			inputs[i] = opens[i].close(inputs[i])
		}
	}
	return n.With(inputs...), nil, nil
}

// keepsLeft says whether the join can be done for parts of the left side.
func keepsLeft(j *Join) bool { return j.On.Type != "right" && j.On.Type != "full" }

// local says whether n reads no segments and nothing that only this server
// knows, so that a fragment can carry it.
func local(n Node) bool {
	switch n.(type) {
	case *Scan, *Gather, *Exchanged, *Working, *System:
		return false
	}
	for _, in := range n.Inputs() {
		if !local(in) {
			return false
		}
	}
	return true
}
