package vec

import "testing"

// TestSeen marks batches of rows; groups that an earlier batch numbered, but
// had no rows for, stay unseen.
func TestSeen(t *testing.T) {
	whole := func(n int, ids ...uint32) Groups { return Groups{N: n, Rows: len(ids), IDs: ids, All: true} }
	for _, c := range []struct {
		name    string
		batches []Groups
		seen    string // a letter a group: y or n
	}{
		{"whole batches", []Groups{whole(2, 0, 1, 0), whole(3, 2, 1)}, "yyy"},
		{"group 0 had no row", []Groups{{N: 1}, whole(2, 1)}, "ny"},
		{"nor did group 1", []Groups{whole(1, 0), whole(3, 2, 0)}, "yny"},
		{"rows missing", []Groups{{N: 3, Rows: 1, IDs: []uint32{1}}, whole(4, 3)}, "nyny"},
		{"the new ones are known", []Groups{{N: 2, Rows: 2, IDs: []uint32{0, 1}, All: true, Known: 1}, {N: 4, Rows: 2, IDs: []uint32{3, 2}, All: true, Known: 3}}, "yyyy"},
		{"an old one had no row", []Groups{{N: 1}, {N: 2, Rows: 1, IDs: []uint32{1}, All: true, Known: 2}}, "ny"},
		{"one group", []Groups{{N: 1, Rows: 9}, {N: 1, Rows: 9}}, "y"},
		{"one group, not the first", []Groups{{N: 2, Rows: 9, One: 1}, whole(2, 1)}, "ny"},
		{"nothing", []Groups{{N: 2}}, "nn"},
	} {
		var s Seen
		for _, g := range c.batches {
			s.Mark(g)
		}
		for i, want := range c.seen {
			if s.Has(i) != (want == 'y') {
				t.Errorf("%s: group %d: %v", c.name, i, s.Has(i))
			}
		}
	}
}
