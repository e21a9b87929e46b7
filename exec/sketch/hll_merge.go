package sketch

// Merge adds the values of o, which stays as it is. The outcome has the type
// of h and the smaller lgK of those sketches that have registers.
func (h *HLL) Merge(o *HLL) {
	switch {
	case o.IsEmpty():
	case o.mode == hllSet && h.IsEmpty() && o.lgK == h.lgK:
		h.adopt(o)
	case o.mode != hllRegs:
		o.eachCoupon(h.add)
	case h.mode != hllRegs:
		h.adopt(o)
	default:
		h.mergeRegisters(o)
	}
}

// Clone copies the sketch.
func (h *HLL) Clone() *HLL {
	c := *h
	c.coupons = append([]uint32(nil), h.coupons...)
	c.regs = append([]byte(nil), h.regs...)
	return &c
}

func (h *HLL) eachCoupon(f func(uint32)) {
	for _, c := range h.coupons {
		if c != 0 {
			f(c)
		}
	}
}

// adopt replaces the coupons of h by a copy of o, then counts them in it.
// The running estimate of o goes on, so that one side with registers does not
// lose the better estimator.
func (h *HLL) adopt(o *HLL) {
	coupons := h.coupons
	lgK, typ := min(h.lgK, o.lgK), h.typ
	*h = *o.Clone()
	h.typ = typ
	h.fold(lgK)
	for _, c := range coupons {
		if c != 0 {
			h.add(c)
		}
	}
}

// mergeRegisters takes the maximum of the registers at the smaller size.
// Afterwards the order of arrival is unknown, hence no running estimate.
func (h *HLL) mergeRegisters(o *HLL) {
	h.fold(min(h.lgK, o.lgK))
	raiseAll(h.regs, o.regs)
	h.ooo, h.hip, h.stale = true, 0, true
}

// fold lowers lgK: registers with equal low address bits become one.
func (h *HLL) fold(lgK uint8) {
	if lgK >= h.lgK {
		return
	}
	regs := make([]byte, 1<<lgK)
	raiseAll(regs, h.regs)
	h.regs, h.lgK, h.stale = regs, lgK, true
}

// raiseAll raises dst to src, of which len(dst) registers at a time.
func raiseAll(dst, src []byte) {
	for ; len(src) >= len(dst); src = src[len(dst):] {
		for i, r := range src[:len(dst)] {
			dst[i] = max(dst[i], r)
		}
	}
}
