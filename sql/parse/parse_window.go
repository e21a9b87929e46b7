package parse

func (p *parser) windowDefs() []WindowDef {
	var defs []WindowDef
	for {
		start := p.pos
		d := WindowDef{Name: p.name("a window's name")}
		p.expect("AS", "and a window in parentheses")
		d.Spec = p.windowSpec()
		d.At = p.from(start)
		defs = append(defs, d)
		if !p.accept(",") {
			return defs
		}
	}
}

// over parses what follows OVER: a name or a window in parentheses.
func (p *parser) over() *WindowSpec {
	if p.is("(") {
		return p.windowSpec()
	}
	start := p.pos
	if !p.peek().isName() {
		p.wanted(`a window's name or "(" after OVER`)
	}
	n := p.anyWord()
	return &WindowSpec{At: p.from(start), Ref: &n}
}

func (p *parser) windowSpec() *WindowSpec {
	start := p.pos
	open := p.open("and a window")
	w := &WindowSpec{}
	if p.peek().isName() {
		n := p.anyWord()
		w.Base = &n
	}
	if p.accept("PARTITION") {
		p.expect("BY", "after PARTITION")
		w.PartitionBy = p.exprs()
	}
	if p.accept("ORDER") {
		p.expect("BY", "after ORDER")
		w.OrderBy = p.orderItems()
	}
	if p.isOneOf("ROWS", "RANGE", "GROUPS") {
		w.Frame = p.frame()
	}
	if !p.is(")") && w.Frame == nil {
		p.wanted(`PARTITION BY, ORDER BY, ROWS, RANGE or ")" in a window`, "PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS")
	}
	p.close(open)
	w.At = p.from(start)
	return w
}

var frameUnits = map[string]FrameUnit{"ROWS": FrameRows, "RANGE": FrameRange, "GROUPS": FrameGroups}

func (p *parser) frame() *Frame {
	start := p.pos
	f := &Frame{Unit: frameUnits[p.next().word]}
	if p.accept("BETWEEN") {
		f.From = p.bound()
		p.expect("AND", "and the end of the frame")
		f.To = p.bound()
	} else {
		f.From = p.bound()
		f.To = Bound{At: f.From.At, Kind: CurrentRow}
	}
	if p.accept("EXCLUDE") {
		switch {
		case p.accept("NO", "OTHERS"):
		case p.accept("CURRENT", "ROW"):
			f.Exclude = ExcludeCurrentRow
		case p.accept("GROUP"):
			f.Exclude = ExcludeGroup
		case p.accept("TIES"):
			f.Exclude = ExcludeTies
		default:
			p.wanted("NO OTHERS, CURRENT ROW, GROUP or TIES after EXCLUDE", "TIES")
		}
	}
	f.At = p.from(start)
	return f
}

func (p *parser) bound() Bound {
	start := p.pos
	var b Bound
	switch {
	case p.accept("CURRENT"):
		p.expect("ROW", "after CURRENT")
		b.Kind = CurrentRow
	case p.accept("UNBOUNDED"):
		b.Kind = UnboundedFollowing
		if p.side() {
			b.Kind = UnboundedPreceding
		}
	default:
		b.Value = p.binary(levelAdd)
		b.Kind = Following
		if p.side() {
			b.Kind = Preceding
		}
	}
	b.At = p.from(start)
	return b
}

// side parses PRECEDING (true) or FOLLOWING.
func (p *parser) side() bool {
	w := p.acceptOneOf("PRECEDING", "FOLLOWING")
	if w == "" {
		p.wanted("PRECEDING or FOLLOWING", "PRECEDING", "FOLLOWING")
	}
	return w == "PRECEDING"
}
