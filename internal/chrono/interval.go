package chrono

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// An Interval is the instants from Start up to but not including End.
type Interval struct{ Start, End int64 }

// Eternity is the longest interval: its length still fits an int64.
var Eternity = Interval{-1 << 62, 1<<62 - 1}

// ParseInterval reads start/end, start/period or period/end. Times are as
// ParseTime reads them, periods are added in UTC.
func ParseInterval(s string) (Interval, error) {
	left, right, ok := strings.Cut(s, "/")
	if !ok || left == "" || right == "" {
		return Interval{}, fault.Invalidf("%q is not an interval: expected start/end, start/period or period/end, such as 2012-01-01/P1D", s)
	}
	var in Interval
	var err error
	switch isPeriod := [2]bool{left[0]&^0x20 == 'P', right[0]&^0x20 == 'P'}; isPeriod {
	case [2]bool{true, true}:
		return in, fault.Invalidf("interval %q has two periods: expected a time on one side", s)
	case [2]bool{true, false}:
		in.Start, in.End, err = anchored(right, left, -1)
	case [2]bool{false, true}:
		in.Start, in.End, err = anchored(left, right, 1)
	default:
		if in.Start, err = ParseTime(left); err == nil {
			in.End, err = ParseTime(right)
		}
	}
	if err != nil {
		return Interval{}, fault.Invalidf("interval %q: %s", s, fault.Of(err).Message)
	}
	if in.End < in.Start {
		return Interval{}, fault.Invalidf("interval %q ends before it starts", s)
	}
	return in, nil
}

// anchored reads a time and a period on one side of it, and orders both ends.
func anchored(at, period string, sign int64) (start, end int64, err error) {
	p, err := ParsePeriod(period)
	if err != nil {
		return 0, 0, err
	}
	t, err := ParseTime(at)
	if err != nil {
		return 0, 0, err
	}
	if other := p.Add(t, sign, UTC); sign > 0 {
		return t, other, nil
	} else {
		return other, t, nil
	}
}

// String is start/end in UTC with milliseconds.
func (in Interval) String() string {
	buf := AppendTime(make([]byte, 0, 64), in.Start, UTC)
	return string(AppendTime(append(buf, '/'), in.End, UTC))
}

// MarshalJSON writes the interval as a string.
func (in Interval) MarshalJSON() ([]byte, error) { return json.Marshal(in.String()) }

// UnmarshalJSON reads the interval from a string.
func (in *Interval) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fault.Invalidf("an interval is a string such as \"2012-01-01/2012-02-01\", not %s", b)
	}
	got, err := ParseInterval(s)
	if err == nil {
		*in = got
	}
	return err
}

// Empty tells whether no instant is inside.
func (in Interval) Empty() bool { return in.End <= in.Start }

// Contains tells whether an instant is inside.
func (in Interval) Contains(ms int64) bool { return in.Start <= ms && ms < in.End }

// Covers tells whether the whole of another interval is inside.
func (in Interval) Covers(other Interval) bool {
	return in.Start <= other.Start && other.End <= in.End
}

// Overlaps tells whether some instant is inside both.
func (in Interval) Overlaps(other Interval) bool {
	return max(in.Start, other.Start) < min(in.End, other.End)
}

// Intersect is the part inside both; ok is false, and the result empty, if
// there is none.
func (in Interval) Intersect(other Interval) (both Interval, ok bool) {
	both = Interval{max(in.Start, other.Start), min(in.End, other.End)}
	if both.Empty() {
		return Interval{both.Start, both.Start}, false
	}
	return both, true
}

// Millis is the length.
func (in Interval) Millis() int64 { return satAdd(in.End, -in.Start) }

// Compare orders intervals by start, then by end.
func (in Interval) Compare(other Interval) int {
	if in.Start != other.Start {
		return compare(in.Start, other.Start)
	}
	return compare(in.End, other.End)
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Condense gives the same instants as the fewest intervals, in order: those
// that overlap or abut become one, empty ones are dropped. It leaves ins alone.
func Condense(ins []Interval) []Interval {
	sorted := slices.Clone(ins)
	slices.SortFunc(sorted, Interval.Compare)
	out := sorted[:0]
	for _, in := range sorted {
		switch last := len(out) - 1; {
		case in.Empty():
		case last >= 0 && in.Start <= out[last].End:
			out[last].End = max(out[last].End, in.End)
		default:
			out = append(out, in)
		}
	}
	return out
}
