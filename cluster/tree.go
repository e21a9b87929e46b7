package cluster

import (
	"cmp"
	"hash/maphash"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
)

// The sets of a Timeline are kept in a treap: a search tree by setKey that is
// a heap by a hash of the key, with the greatest end below each node, so that
// the sets overlapping an interval are found in O(log n + found).
//
// It is shared by snapshots. A node or set is changed in place by the Timeline
// whose owner it carries, and copied by any other, with the path to it.

type owner struct{ _ byte } // not empty: each has an address of its own

type setKey struct {
	chrono.Interval
	version string
}

func (k setKey) compare(o setKey) int {
	return cmp.Or(cmp.Compare(k.Start, o.Start), cmp.Compare(k.End, o.End), strings.Compare(k.version, o.version))
}

type node struct {
	set         *set
	left, right *node
	most        int64 // greatest End of the sets here and below
	priority    uint64
	owner       *owner
}

var seed = maphash.MakeSeed()

// edit runs change on the set of that key, a new one if there is none, and
// drops it if that leaves it empty. It returns the tree's new root.
func (n *node) edit(o *owner, k setKey, change func(*set)) *node {
	if n == nil {
		s := &set{setKey: k, owner: o}
		if change(s); len(s.chunks) == 0 {
			return nil
		}
		return &node{set: s, most: k.End, priority: maphash.Comparable(seed, k), owner: o}
	}
	n = n.own(o)
	switch c := k.compare(n.set.setKey); {
	case c < 0:
		n.left = n.left.edit(o, k, change)
		if l := n.left; l != nil && l.priority > n.priority {
			n.left, l.right = l.right, n
			n.measure()
			n = l
		}
	case c > 0:
		n.right = n.right.edit(o, k, change)
		if r := n.right; r != nil && r.priority > n.priority {
			n.right, r.left = r.left, n
			n.measure()
			n = r
		}
	default:
		n.set = n.set.own(o)
		if change(n.set); len(n.set.chunks) == 0 {
			return n.left.join(o, n.right)
		}
	}
	n.measure()
	return n
}

func (n *node) own(o *owner) *node {
	if n.owner == o {
		return n
	}
	c := *n
	c.owner = o
	return &c
}

// join makes one tree of two of which all keys of the first come first.
func (n *node) join(o *owner, r *node) *node {
	switch {
	case n == nil:
		return r
	case r == nil:
		return n
	case n.priority > r.priority:
		n = n.own(o)
		n.right = n.right.join(o, r)
		n.measure()
		return n
	}
	r = r.own(o)
	r.left = n.join(o, r.left)
	r.measure()
	return r
}

func (n *node) measure() {
	n.most = n.set.End
	if n.left != nil {
		n.most = max(n.most, n.left.most)
	}
	if n.right != nil {
		n.most = max(n.most, n.right.most)
	}
}

// overlapping appends the sets that overlap in, by key.
func (n *node) overlapping(in chrono.Interval, out []*set) []*set {
	if n == nil || n.most <= in.Start {
		return out
	}
	out = n.left.overlapping(in, out)
	if n.set.Start >= in.End {
		return out
	}
	if n.set.End > in.Start {
		out = append(out, n.set)
	}
	return n.right.overlapping(in, out)
}

// find is the set of that key, or nil.
func (n *node) find(k setKey) *set {
	for n != nil {
		switch c := k.compare(n.set.setKey); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.set
		}
	}
	return nil
}

// backward calls f for every set, by key backwards, until f says no.
func (n *node) backward(f func(*set) bool) bool {
	return n == nil || n.right.backward(f) && f(n.set) && n.left.backward(f)
}
