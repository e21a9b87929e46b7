package chrono

import (
	"math"
	"sort"
	"sync"

	"github.com/ovatedb/ovate/internal/fault"
)

// NewPeriodGranularity gives buckets of one period in the calendar of a zone
// (nil is UTC). With one unit, once, and no origin, buckets start where the
// calendar's units do: weeks on Monday. Otherwise they are counted from the
// origin, by default the zone's 1970-01-01T00:00.
func NewPeriodGranularity(p Period, origin *int64, z *Zone) (Granularity, error) {
	z = inZone(z)
	units, negative := 0, false
	for _, v := range []int64{p.Years, p.Months, p.Weeks, p.Days, p.Hours, p.Minutes, p.Seconds, p.Millis} {
		if v != 0 {
			units++
		}
		negative = negative || v < 0
	}
	if units == 0 || negative {
		return nil, fault.Invalidf("granularity period %s: expected one that is longer than zero", p)
	}
	text, err := periodText(p, origin, z)
	if err != nil {
		return nil, err
	}
	g := &calendar{period: p, zone: z, text: text}
	if origin != nil {
		g.origin = *origin
	} else {
		g.origin = z.LocalToUTC(0)
	}
	_, steady := z.Fixed()
	length, same := p.FixedMillis()
	days := p.Weeks != 0 || p.Days != 0
	single := units == 1 && sole(p) == 1 && origin == nil
	switch {
	case same && single && steady:
		// Weeks start on Monday: 1970-01-01 was a Thursday.
		if p.Weeks == 1 {
			return newFixed(length, g.origin-3*msDay, z, text), nil
		}
		return newFixed(length, g.origin, z, text), nil
	case same && steady, same && !days && units > 1:
		return newFixed(length, g.origin, z, text), nil
	case same && !days && !single && !(p.Hours > 0 && origin == nil && g.origin < 0):
		return newFixed(length, g.origin, z, text), nil
	case units > 1:
		return &compound{calendar: g}, nil
	}
	g.once = single
	g.floor = g.floorFunc()
	return g, nil
}

// sole is the value of the only field that is not 0.
func sole(p Period) int64 {
	return p.Years + p.Months + p.Weeks + p.Days + p.Hours + p.Minutes + p.Seconds + p.Millis
}

// calendar buckets are counts of one unit whose length varies, or whose start
// does.
type calendar struct {
	period  Period
	zone    *Zone
	origin  int64
	once    bool // one unit, from where the calendar has it
	counted bool // units counted from the origin
	floor   func(ms int64) int64
	text    string
}

func (g *calendar) Floor(ms int64) int64         { return g.floor(ms) }
func (g *calendar) FloorAll(dst, src []int64)    { floorAll(g, dst, src) }
func (g *calendar) Zone() *Zone                  { return g.zone }
func (g *calendar) IsAll() bool                  { return false }
func (g *calendar) IsNone() bool                 { return false }
func (g *calendar) String() string               { return unquoted(g.text) }
func (g *calendar) MarshalJSON() ([]byte, error) { return []byte(g.text), nil }

// Next is one period later, where that is a bucket's start. It is not after a
// midnight that clocks skip, or a day that the origin's month lacks.
func (g *calendar) Next(start int64) int64 {
	next := g.period.Add(start, 1, g.zone)
	switch {
	case g.counted:
		n := g.steps(start)
		if at := g.nth(n); at > start {
			return at
		}
		return g.nth(n + 1)
	case g.once:
		if at := g.floor(next); at > start {
			return at
		}
	}
	return next
}

// floorFunc chooses how to find the start of a bucket.
func (g *calendar) floorFunc() func(int64) int64 {
	p := g.period
	if g.once {
		switch {
		case p.Years > 0:
			return g.localFloor(func(local int64) int64 { return join(civilToDays(year(local), 1, 1), 0) })
		case p.Months > 0:
			return g.localFloor(func(local int64) int64 {
				y, m, _ := civil(local)
				return join(civilToDays(y, m, 1), 0)
			})
		case p.Weeks > 0:
			return g.localFloor(func(local int64) int64 {
				days := floorDiv(local, msDay)
				return join(days-weekday(days)+1, 0)
			})
		case p.Days > 0:
			return g.localFloor(func(local int64) int64 { return join(floorDiv(local, msDay), 0) })
		}
		return g.clockFloor
	}
	if p.Hours > 0 {
		return g.hoursFloor
	}
	g.counted = true
	return g.countedFloor
}

// localFloor rounds down in local time.
func (g *calendar) localFloor(f func(local int64) int64) func(int64) int64 {
	return func(ms int64) int64 { return g.zone.localToUTCNear(f(g.zone.Local(ms)), ms) }
}

// clockFloor rounds down to a full hour or less of the local clock.
func (g *calendar) clockFloor(ms int64) int64 {
	length := g.period.clockMillis()
	return satAdd(ms, -floorMod(g.zone.Local(ms), length))
}

// hoursFloor counts elapsed hours from the origin. East of Greenwich, where
// 1970 began before the epoch, buckets then start on the full local hour, which
// differs where the zone changed its minutes since.
func (g *calendar) hoursFloor(ms int64) int64 {
	length := g.period.clockMillis()
	start := satAdd(ms, -floorMod(floorMod(ms, length)-floorMod(g.origin, length), length))
	if g.origin >= 0 || ms < g.origin {
		return start
	}
	full := func(t int64) int64 { return satAdd(t, -floorMod(g.zone.Local(t), msHour)) }
	if next := full(satAdd(start, length)); next <= ms {
		return next
	}
	return full(start)
}

// countedFloor counts whole calendar units from the origin.
func (g *calendar) countedFloor(ms int64) int64 {
	n := g.steps(ms)
	if start := g.nth(n); start <= ms {
		return start
	}
	return g.nth(n - 1)
}

// nth is the start of the bucket that is n after the origin.
func (g *calendar) nth(n int64) int64 { return g.period.Add(g.origin, n, g.zone) }

// steps is how many whole periods lie between the origin and an instant, cut
// toward 0.
func (g *calendar) steps(ms int64) int64 {
	p := g.period
	from, to := g.zone.Local(g.origin), g.zone.Local(ms)
	var whole int64
	switch {
	case p.Years > 0:
		whole = diffMonths(from, to) / 12
	case p.Months > 0:
		whole = diffMonths(from, to)
	case p.Weeks > 0:
		whole = satAdd(to, -from) / msWeek
	default:
		whole = satAdd(to, -from) / msDay
	}
	return whole / sole(p)
}

// compound buckets have several units, at least one of which varies in
// length, so they are found by stepping from the origin. The steps are kept.
type compound struct {
	*calendar
	mu     sync.Mutex
	later  []int64 // origin, origin+1 period, ...
	sooner []int64 // origin, origin-1 period, ...
}

// mostSteps bounds the memory for steps; beyond, one long step is taken.
const mostSteps = 1 << 17

func (g *compound) FloorAll(dst, src []int64) { floorAll(g, dst, src) }

func (g *compound) Floor(ms int64) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.later) == 0 {
		g.later, g.sooner = []int64{g.origin}, []int64{g.origin}
	}
	if ms >= g.origin {
		if g.walk(&g.later, 1, func(t int64) bool { return t > ms }) {
			return g.later[sort.Search(len(g.later), func(i int) bool { return g.later[i] > ms })-1]
		}
	} else if g.walk(&g.sooner, -1, func(t int64) bool { return t <= ms }) {
		return g.sooner[sort.Search(len(g.sooner), func(i int) bool { return g.sooner[i] <= ms })]
	}
	return g.far(ms)
}

// Next looks the step up: stepping back and forth may not meet.
func (g *compound) Next(start int64) int64 {
	if g.Floor(start) == start {
		g.mu.Lock()
		defer g.mu.Unlock()
		if i := sort.Search(len(g.sooner), func(i int) bool { return g.sooner[i] <= start }); i > 0 && i < len(g.sooner) {
			return g.sooner[i-1]
		}
	}
	return g.period.Add(start, 1, g.zone)
}

// walk steps until an instant is reached; false if that takes too many steps.
func (g *compound) walk(steps *[]int64, sign int64, reached func(int64) bool) bool {
	s := *steps
	for !reached(s[len(s)-1]) {
		next := g.period.Add(s[len(s)-1], sign, g.zone)
		if len(s) >= mostSteps || next == s[len(s)-1] {
			return false
		}
		s = append(s, next)
		*steps = s
	}
	return true
}

// far takes the greatest multiple of the period that does not pass an instant.
func (g *compound) far(ms int64) int64 {
	at := func(n int64) int64 { return g.period.Add(g.origin, n, g.zone) }
	lo, hi := int64(-1)<<40, int64(1)<<40
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; at(mid) <= ms {
			lo = mid
		} else {
			hi = mid
		}
	}
	if start := at(lo); start <= ms {
		return start
	}
	return math.MinInt64
}
