package chrono

import (
	"math"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/ovatedb/ovate/internal/fault"
)

// A Zone is a time zone: the offset of local time from UTC at any instant.
// Zones are immutable but for a hint, and may be shared by goroutines.
//
// The offsets of a zone with rules are a table of ranges up to the year 2500;
// later instants are looked up 400 years (or a multiple) earlier, because
// rules and weekdays repeat then.
type Zone struct {
	name    string
	fixed   int64   // offset in ms where starts is nil
	starts  []int64 // first instant of each range; starts[0] is MinInt64
	offsets []int64 // its offset in ms
	abbrs   []string
	dst     []bool
	hint    atomic.Int32 // the range that was used last
}

// UTC is the zone without offset.
var UTC = &Zone{name: "UTC"}

const msPerCycle = daysPerCycle * msDay

var tableEnd = civilToDays(2500, 1, 1) * msDay

// Short names that Java gives to zones of its own.
var zoneAliases = map[string]string{
	"z": "UTC", "ut": "UTC", "utc": "UTC", "gmt": "UTC", "zulu": "UTC", "uct": "UTC",
	"etc/utc": "UTC", "etc/gmt": "UTC", "etc/uct": "UTC", "etc/zulu": "UTC", "greenwich": "UTC",
	"act": "Australia/Darwin", "aet": "Australia/Sydney", "agt": "America/Argentina/Buenos_Aires",
	"art": "Africa/Cairo", "ast": "America/Anchorage", "bet": "America/Sao_Paulo",
	"bst": "Asia/Dhaka", "cat": "Africa/Harare", "cnt": "America/St_Johns",
	"cst": "America/Chicago", "ctt": "Asia/Shanghai", "eat": "Africa/Addis_Ababa",
	"ect": "Europe/Paris", "iet": "America/Indiana/Indianapolis", "ist": "Asia/Kolkata",
	"jst": "Asia/Tokyo", "mit": "Pacific/Apia", "net": "Asia/Yerevan", "nst": "Pacific/Auckland",
	"plt": "Asia/Karachi", "pnt": "America/Phoenix", "prt": "America/Puerto_Rico",
	"pst": "America/Los_Angeles", "sst": "Pacific/Guadalcanal", "vst": "Asia/Ho_Chi_Minh",
}

var zones sync.Map // name as asked -> *Zone

// LoadZone finds a zone by its IANA name ("Europe/Paris"), as "UTC" or "Z",
// as an offset ("+05:30", "-08", "UTC+1", "GMT-03:30") or by a Java short name ("PST").
func LoadZone(name string) (*Zone, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*Zone), nil
	}
	z, err := loadZone(name)
	if err != nil {
		return nil, err
	}
	got, _ := zones.LoadOrStore(name, z)
	return got.(*Zone), nil
}

func loadZone(name string) (*Zone, error) {
	if alias, ok := zoneAliases[strings.ToLower(name)]; ok {
		if alias == "UTC" {
			return UTC, nil
		}
		return LoadZone(alias)
	}
	text := name
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && (rest[0] == '+' || rest[0] == '-') {
			text = rest
			break
		}
	}
	if text != "" && (text[0] == '+' || text[0] == '-') {
		if off, n := scanOffset(text, 1); n == len(text) {
			return FixedZone(off), nil
		}
		return nil, fault.Invalidf("time zone %q: an offset is written +hh:mm", name)
	}
	// "Local" and "" mean something to the time package, but nothing to a query.
	if name == "" || name == "Local" || strings.Contains(name, "..") {
		return nil, unknownZone(name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknownZone(name)
	}
	return tabulate(name, loc), nil
}

func unknownZone(name string) error {
	return fault.Invalidf("unknown time zone %q%s: expected an IANA name such as Europe/Paris, UTC, or an offset such as +05:30",
		name, fault.Suggest(name, []string{"UTC", "America/Los_Angeles", "America/New_York", "America/Chicago",
			"America/Sao_Paulo", "Europe/London", "Europe/Paris", "Europe/Berlin", "Asia/Tokyo", "Asia/Kolkata",
			"Asia/Shanghai", "Australia/Sydney", "Pacific/Auckland"}))
}

// FixedZone is the zone with one offset, in milliseconds east of UTC.
func FixedZone(offset int64) *Zone {
	if offset == 0 {
		return UTC
	}
	return &Zone{name: string(appendOffset(nil, offset, true)), fixed: offset}
}

// tabulate reads the ranges of a location.
func tabulate(name string, loc *time.Location) *Zone {
	z := &Zone{name: name}
	t := time.UnixMilli(-8e15).In(loc)
	at := int64(math.MinInt64)
	for {
		abbr, off := t.Zone()
		if n := len(z.starts); n == 0 || z.offsets[n-1] != int64(off)*msSecond || z.abbrs[n-1] != abbr || z.dst[n-1] != t.IsDST() {
			z.starts = append(z.starts, at)
			z.offsets = append(z.offsets, int64(off)*msSecond)
			z.abbrs = append(z.abbrs, abbr)
			z.dst = append(z.dst, t.IsDST())
		}
		_, end := t.ZoneBounds()
		if end.IsZero() || end.UnixMilli() >= tableEnd {
			break
		}
		if !end.After(t) { // some bounds lie before the last day of a leap year
			end = t.Add(24 * time.Hour)
		}
		t, at = end, end.UnixMilli()
	}
	if len(z.starts) == 1 {
		z.fixed, z.starts = z.offsets[0], nil
	}
	return z
}

// Name is the name that the zone was loaded by, "+05:30" for an offset.
func (z *Zone) Name() string { return z.name }

// String is the name.
func (z *Zone) String() string { return z.name }

// IsUTC tells whether local time is always UTC.
func (z *Zone) IsUTC() bool { return z.starts == nil && z.fixed == 0 }

// Fixed gives the offset of a zone that never changes it.
func (z *Zone) Fixed() (offset int64, ok bool) { return z.fixed, z.starts == nil }

// Offset is local time minus UTC at an instant, in milliseconds.
func (z *Zone) Offset(ms int64) int64 {
	if z.starts == nil {
		return z.fixed
	}
	i, _ := z.find(ms)
	return z.offsets[i]
}

// Local is the local time of an instant, in milliseconds of its calendar.
func (z *Zone) Local(ms int64) int64 { return satAdd(ms, z.Offset(ms)) }

// find gives the range of an instant, and by how much the instant was moved
// back to fall into the table.
func (z *Zone) find(ms int64) (i int, moved int64) {
	if ms >= tableEnd {
		moved = ((ms-tableEnd)/msPerCycle + 1) * msPerCycle
		ms -= moved
	}
	n := len(z.starts)
	if i = int(z.hint.Load()); ms >= z.starts[i] && (i+1 == n || ms < z.starts[i+1]) {
		return i, moved
	}
	i = sort.Search(n, func(k int) bool { return z.starts[k] > ms }) - 1
	z.hint.Store(int32(i))
	return i, moved
}

// Range gives the offset at an instant and the instants [lo, hi) around it
// over which it is known to stay the same.
func (z *Zone) Range(ms int64) (offset, lo, hi int64) {
	if z.starts == nil {
		return z.fixed, math.MinInt64, math.MaxInt64
	}
	i, moved := z.find(ms)
	lo, hi = z.starts[i], tableEnd
	if i+1 < len(z.starts) {
		hi = z.starts[i+1]
	}
	if lo != math.MinInt64 {
		lo += moved
	}
	if moved > 0 {
		lo = max(lo, ms-floorMod(ms-tableEnd, msPerCycle))
	}
	return z.offsets[i], lo, satAdd(hi, moved)
}

// Abbreviation is the zone's short name at an instant, such as EST, and
// whether that is daylight saving time.
func (z *Zone) Abbreviation(ms int64) (string, bool) {
	switch {
	case z.IsUTC():
		return "UTC", false
	case len(z.abbrs) == 0:
		return z.name, false
	case z.starts == nil:
		return z.abbrs[0], false
	}
	i, _ := z.find(ms)
	return z.abbrs[i], z.dst[i]
}

// LocalToUTC gives the instant of a local time. A local time that occurs twice
// is the earlier instant; one that is skipped is read with the offset that
// held before, so it moves later by the length of the gap.
func (z *Zone) LocalToUTC(local int64) int64 {
	ms, _ := z.localToUTC(local)
	return ms
}

// localToUTC also tells whether that local time exists.
func (z *Zone) localToUTC(local int64) (ms int64, exists bool) {
	if z.starts == nil {
		return satAdd(local, -z.fixed), true
	}
	// Two days around hold the offset in force before any transition nearby.
	before := z.Offset(satAdd(local, -msDay))
	if ms = satAdd(local, -before); z.Offset(ms) == before {
		return ms, true
	}
	after := z.Offset(satAdd(local, msDay))
	if late := satAdd(local, -after); z.Offset(late) == after {
		return late, true
	}
	return ms, false
}

// localToUTCNear is LocalToUTC, but a local time that occurs twice takes the
// offset in force at an instant nearby, if it can.
func (z *Zone) localToUTCNear(local, near int64) int64 {
	if z.starts == nil {
		return satAdd(local, -z.fixed)
	}
	off := z.Offset(near)
	if ms := satAdd(local, -off); z.Offset(ms) == off {
		return ms
	}
	return z.LocalToUTC(local)
}

// inZone reads nil as UTC.
func inZone(z *Zone) *Zone {
	if z == nil {
		return UTC
	}
	return z
}
