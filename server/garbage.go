package server

import "os"

// A server that holds little has a small heap, and Go collects garbage whenever
// a heap has doubled: with 10 MB after every larger query, with as much work as
// the query's. As Go knows no least heap, there is one: an allocation that is
// never touched, and so takes no memory, but counts. Garbage is then collected
// after some 64 MB of it at the earliest.
const heapLeast = 64 << 20

var untouched []byte

// LeaveGarbage makes collections rarer while the heap is small, unless the
// environment says GOGC or GOMEMLIMIT. It is called once, at the start.
func LeaveGarbage() {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if os.Getenv(name) != "" {
			return
		}
	}
	untouched = make([]byte, heapLeast)
}
