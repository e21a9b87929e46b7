package rule

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// shareGroups lets groupings that a plan holds several times be done once: a
// WITH query that is named twice. Besides the work, that makes its values the
// same in all places, also where sums of doubles depend on the order of rows.
func shareGroups(n planner.Node, _ *Env) (planner.Node, error) {
	s := sharer{count: map[string]int{}, ids: map[string]*planner.Shared{}, texts: map[planner.Node]string{}}
	s.survey(n)
	return s.share(n), nil
}

type sharer struct {
	count map[string]int
	ids   map[string]*planner.Shared
	texts map[planner.Node]string
}

// survey counts the groupings by their meaning.
func (s *sharer) survey(n planner.Node) {
	if a, ok := n.(*planner.Aggregate); ok && len(a.Keys) > 0 && Scans(a) {
		if m, ok := meaningOf(a); ok {
			s.texts[n] = m.text
			s.count[m.text]++
		}
	}
	for _, in := range n.Inputs() {
		s.survey(in)
	}
}

func (s *sharer) share(n planner.Node) planner.Node {
	if text := s.texts[n]; text != "" && s.count[text] > 1 {
		schema, err := n.Schema()
		if err == nil {
			first := s.ids[text]
			if first == nil {
				first = &planner.Shared{Input: planner.Of{V: n}, ID: len(s.ids) + 1}
				s.ids[text] = first
			}
			return &planner.Shared{Input: first.Input, ID: first.ID, Names: schema.Names()}
		}
	}
	inputs := n.Inputs()
	if len(inputs) == 0 {
		return n
	}
	for i, in := range inputs {
		inputs[i] = s.share(in)
	}
	return n.With(inputs...)
}

// A meaning is what a plan computes, whatever its columns are called: two plans
// of the same text give the same rows, with columns in the same places.
type meaning struct {
	text  string
	names map[string]string // of columns -> in the text
}

// meaningOf is the meaning of the nodes that subqueries are made of; false: it
// has others, or depends on more than its rows.
func meaningOf(n planner.Node) (meaning, bool) {
	out := meaning{names: map[string]string{}}
	var in []meaning
	for _, i := range n.Inputs() {
		m, ok := meaningOf(i)
		if !ok {
			return out, false
		}
		in = append(in, m)
	}
	ok := true
	say := func(m meaning, e expr.Expr) string {
		if e == nil {
			return ""
		}
		ok = ok && !expr.Volatile(e)
		return expr.Replace(e, func(name string) (expr.Expr, bool) { return expr.Column(m.names[name]), true }).String()
	}
	switch n := n.(type) {
	case *planner.Scan:
		out.text = fmt.Sprintf("%s %v", n, n.Whole)
		ok = !expr.Volatile(n.Filter.Expr)
		for _, f := range n.Columns {
			out.names[f.Name] = f.Name
		}
	case *planner.Filter:
		out.text, out.names = fmt.Sprintf("filter %s (%s)", say(in[0], n.Cond.Expr), in[0].text), in[0].names
	case *planner.Project:
		out.text = "project " + out.listed(n.Exprs, in[0], say) + " (" + in[0].text + ")"
	case *planner.Join:
		out.join(n, in, say)
	case *planner.Aggregate:
		keys := out.listed(n.Keys, in[0], say)
		out.text = fmt.Sprintf("aggregate %s by %s: %s (%s)", n.Mode, keys, out.calls(n.Calls, in[0], say), in[0].text)
	default:
		return out, false
	}
	return out, ok
}

func (m *meaning) listed(exprs []exec.Named, in meaning, say func(meaning, expr.Expr) string) string {
	var parts []string
	for i, e := range exprs {
		parts = append(parts, say(in, e.Expr))
		m.names[e.Name] = fmt.Sprintf("#%d", i)
	}
	return strings.Join(parts, ", ")
}

func (m *meaning) calls(calls []agg.Call, in meaning, say func(meaning, expr.Expr) string) string {
	var parts []string
	for i, c := range calls {
		text := ""
		for _, a := range c.Args {
			text += say(in, a) + ", "
		}
		filter := say(in, c.Filter)
		m.names[c.Name] = fmt.Sprintf("#c%d", i)
		c.Name, c.Args, c.Filter = "", nil, nil
		options, err := json.Marshal(c)
		if err != nil {
			options = []byte(c.String())
		}
		parts = append(parts, fmt.Sprintf("%s(%s) where %s", options, text, filter))
	}
	return strings.Join(parts, "; ")
}

func (m *meaning) join(j *planner.Join, in []meaning, say func(meaning, expr.Expr) string) {
	both := meaning{names: map[string]string{}}
	for side, prefix := range []string{"l.", "r."} {
		for name, to := range in[side].names {
			both.names[name] = prefix + to
		}
	}
	m.names = both.names
	text := string(j.On.Type)
	for _, k := range j.On.Keys {
		text += fmt.Sprintf(" %s=%s %v", say(both, k.Left.Expr), say(both, k.Right.Expr), k.NullSafe)
	}
	m.text = fmt.Sprintf("join %s where %s (%s) (%s)", text, say(both, j.On.Residual.Expr), in[0].text, in[1].text)
}
