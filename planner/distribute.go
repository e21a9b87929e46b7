package planner

import "github.com/ovatedb/ovate/internal/fault"

// Distribute cuts a plan where the data is. It climbs from each scan: while a
// node can work beside the segments, it goes into the fragment; the first that
// leaves something to do above ends it, and a Gather takes its place.
func Distribute(n Node, loc Locator) (Node, error) {
	n, open, err := climb(n, loc)
	if err != nil || open == nil {
		return n, err
	}
	return gatherOf(n, open, loc)
}

// climb distributes n. If open is set, n as a whole can run beside the
// segments of that scan, and no gather is over it yet.
func climb(n Node, loc Locator) (out Node, open *Scan, err error) {
	if s, ok := n.(*Scan); ok {
		return s, s, nil
	}
	inputs := n.Inputs()
	opens := make([]*Scan, len(inputs))
	for i, in := range inputs {
		if inputs[i], opens[i], err = climb(in, loc); err != nil {
			return nil, nil, err
		}
	}
	if j, ok := n.(*Join); ok && opens[0] != nil && opens[1] == nil && local(inputs[1]) && keepsLeft(j) {
		return j.With(inputs...), opens[0], nil
	}
	if s, ok := n.(Splitter); ok && len(inputs) == 1 && opens[0] != nil {
		below, above := s.With(inputs...).(Splitter).Split()
		if below != nil {
			if above == nil {
				return below, opens[0], nil
			}
			g, err := gatherOf(below, opens[0], loc)
			if err != nil {
				return nil, nil, err
			}
			return above.With(g), nil, nil
		}
	}
	for i := range inputs {
		if opens[i] == nil {
			continue
		}
		if inputs[i], err = gatherOf(inputs[i], opens[i], loc); err != nil {
			return nil, nil, err
		}
	}
	if len(inputs) == 0 {
		return n, nil, nil
	}
	return n.With(inputs...), nil, nil
}

// keepsLeft says whether the join can be done for parts of the left side.
func keepsLeft(j *Join) bool { return j.On.Type != "right" && j.On.Type != "full" }

// local says whether n reads no segments, so that a fragment can carry it.
func local(n Node) bool {
	switch n.(type) {
	case *Scan, *Gather:
		return false
	}
	for _, in := range n.Inputs() {
		if !local(in) {
			return false
		}
	}
	return true
}

func gatherOf(n Node, scan *Scan, loc Locator) (Node, error) {
	targets, err := loc.Locate(scan.Source, scan.Intervals)
	if err != nil {
		return nil, fault.Of(err)
	}
	return &Gather{n, targets}, nil
}
