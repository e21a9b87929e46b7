package planner

import (
	"fmt"
	"slices"
	"strings"
)

// Estimated is a plan that is only to be shown, with about how many rows each
// of its nodes gives.
type Estimated struct {
	Node
	Rows func(Node) float64
}

// Explain prints a plan, a node a line, inputs indented under it. Of estimated
// plans that join it tells the rows, too.
func Explain(n Node) string {
	var x explainer
	if e, ok := n.(*Estimated); ok {
		n = e.Node
		if joins(n) {
			x.rows = e.Rows
		}
	}
	x.explain(n, 0)
	return x.String()
}

type explainer struct {
	strings.Builder
	rows  func(Node) float64 // nil: not told
	shown []Node             // plans of rows that are made once and used several times
}

func (x *explainer) explain(n Node, depth int) {
	x.WriteString(strings.Repeat("  ", depth))
	x.WriteString(n.String())
	if x.rows != nil {
		fmt.Fprintf(x, "  (about %.0f rows)", x.rows(n))
	}
	if v, ok := n.(*Values); ok && v.Plan != nil {
		if at := slices.Index(x.shown, v.Plan); at >= 0 {
			fmt.Fprintf(x, ", as above: %d\n", at+1)
			return
		}
		x.shown = append(x.shown, v.Plan)
		fmt.Fprintf(x, ": %d", len(x.shown))
	}
	x.WriteByte('\n')
	for _, in := range under(n) {
		x.explain(in, depth+1)
	}
}

// under is what EXPLAIN shows below a node.
func under(n Node) []Node {
	switch n := n.(type) {
	case *Gather:
		return []Node{n.Fragment}
	case *Exchanged:
		return n.Nested()
	case *Values:
		if n.Plan != nil {
			return []Node{n.Plan}
		}
	}
	return n.Inputs()
}

func joins(n Node) bool {
	if _, ok := n.(*Join); ok {
		return true
	}
	for _, in := range under(n) {
		if joins(in) {
			return true
		}
	}
	return false
}
