package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// winners finds the best row of every group of a batch, so that only these are
// copied.
type winners struct {
	row  []int32 // of each group that ids has
	mark []uint32
	turn uint32
	ids  []uint32 // the groups of the batch
}

// pick leaves in ids and row the rows that none of their group is better than;
// of equals the first.
func (w *winners) pick(g vec.Groups, n int, better func(i, best int) bool) {
	w.row, w.mark = vec.Grow(w.row, n), vec.Grow(w.mark, n)
	w.ids = w.ids[:0]
	w.turn++
	for i := range g.Rows {
		id := at(g, i)
		if w.mark[id] != w.turn {
			w.mark[id] = w.turn
			w.row[id] = int32(i)
			w.ids = append(w.ids, id)
		} else if better(i, int(w.row[id])) {
			w.row[id] = int32(i)
		}
	}
}

// texts is a text or nothing for every group.
type texts struct {
	text []string
	has  []bool
	size int64
}

func (t *texts) grow(n int) {
	t.text, t.has = vec.Grow(t.text, n), vec.Grow(t.has, n)
	t.size = max(t.size, int64(cap(t.text))*16+int64(cap(t.has)))
}

func (t *texts) get(id uint32) (string, bool) { return t.text[id], t.has[id] }

func (t *texts) set(id uint32, x string) {
	t.size += int64(len(x) - len(t.text[id]))
	t.text[id], t.has[id] = string([]byte(x)), true
}

func (t *texts) clear(id uint32) {
	t.size -= int64(len(t.text[id]))
	t.text[id], t.has[id] = "", false
}

func (t *texts) vec(ty data.Type) *data.Vec {
	total := 0
	for _, x := range t.text {
		total += len(x)
	}
	v := &data.Vec{Type: ty, N: len(t.text), Off: make([]int32, 1, len(t.text)+1), Bytes: make([]byte, 0, total)}
	for i, x := range t.text {
		v.Bytes = append(v.Bytes, x...)
		v.Off = append(v.Off, int32(len(v.Bytes)))
		if !t.has[i] {
			v.SetNull(nil, i)
		}
	}
	return v
}

// flatten is v with a row for each value of multi-value strings, nulls left
// out; the groups go along. Others stay as they are.
func flatten(s *data.Scratch, g vec.Groups, v *data.Vec) (vec.Groups, *data.Vec) {
	if !v.Multi() {
		return g, v
	}
	v = v.Flat(s)
	pick := data.Make[uint32](s, v.Elem.N)[:0]
	var ids []uint32
	if g.IDs != nil {
		ids = data.Make[uint32](s, v.Elem.N)[:0]
	}
	for i := range g.Rows {
		if v.Null(i) {
			continue
		}
		for lo, hi := v.List(i); lo < hi; lo++ {
			if v.Elem.Null(lo) {
				continue
			}
			pick = append(pick, uint32(lo))
			if g.IDs != nil {
				ids = append(ids, g.IDs[i])
			}
		}
	}
	g.Rows, g.IDs, g.All = len(pick), ids, false
	if g.Rows == 0 {
		g.IDs = nil
	}
	return g, v.Elem.Take(s, pick)
}
