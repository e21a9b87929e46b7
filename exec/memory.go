package exec

import (
	"sync/atomic"

	"github.com/ovatedb/ovate/internal/fault"
)

// Memory is what one query may hold on one server, whatever number of
// fragments it runs there. It is safe for concurrent use; nil has no limit.
//
// Operators that can spill (aggregate, sort, join) begin to when half of it is
// taken and they hold a sixteenth themselves, so that those above and below
// them, and those that cannot spill, find room; the others may go up to the
// limit, where the query ends.
type Memory struct {
	Limit int64
	used  atomic.Int64
	peak  atomic.Int64
}

// Use accounts for n more bytes (or fewer, if n is negative), or says that the
// query would hold more than it may. They count in either case.
func (m *Memory) Use(n int64) error {
	if m == nil {
		return nil
	}
	u := m.used.Add(n)
	for {
		peak := m.peak.Load()
		if u <= peak || m.peak.CompareAndSwap(peak, u) {
			break
		}
	}
	if m.Limit > 0 && u > m.Limit && n > 0 {
		return fault.New(fault.Limit, "the query needs more than the %d MiB of memory that a query may use; narrow its interval or filter, group by less, or raise maxQueryMemoryBytes", m.Limit>>20)
	}
	return nil
}

// Peak is the most that was held, in bytes.
func (m *Memory) Peak() int64 {
	if m == nil {
		return 0
	}
	return m.peak.Load()
}

// Held is what is held now, in bytes.
func (m *Memory) Held() int64 {
	if m == nil {
		return 0
	}
	return m.used.Load()
}

// fits says whether n more bytes would leave room.
func (m *Memory) fits(n int64) bool {
	return m == nil || m.Limit <= 0 || m.used.Load()+n <= m.Limit
}

// Tight says whether who holds n bytes should spill.
func (m *Memory) Tight(n int64) bool {
	return m != nil && m.Limit > 0 && m.used.Load() > m.Limit/2 && n > m.Limit/16
}

// A holding is what one operator, or one worker of it, holds of the query's
// memory.
type holding struct {
	mem *Memory
	n   int64
}

// set says how many bytes are held now.
func (h *holding) set(n int64) error {
	grown := n - h.n
	h.n = n
	return h.mem.Use(grown)
}

// free says that nothing is held any more.
func (h *holding) free() { _ = h.set(0) } // less is never too much

// spills says whether operators may write to disk.
func (e *Env) spills() bool {
	return e.Memory != nil && e.Memory.Limit > 0 && e.Disk.Open()
}

// over says whether who holds n bytes is to spill them: err is what Use said.
func (e *Env) over(n int64, err error) bool {
	return e.spills() && n > 0 && (err != nil || e.Memory.Tight(n))
}
