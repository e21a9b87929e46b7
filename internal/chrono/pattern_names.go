package chrono

import (
	"slices"
	"strings"
)

// named is a field written as a name.
type named struct {
	field fieldID
	first int64    // value of names[0]
	names []string // what is written
	read  []reader // what is read, long texts first
}

type reader struct {
	text  string
	value int64
}

// newNamed makes a field of names; both its short and long names are read.
func newNamed(f fieldID, names fieldNames, long bool) named {
	n := named{field: f, first: names.first, names: names.short}
	if long {
		n.names = names.long
	}
	add := func(text string, value int64) {
		for _, t := range []string{text, strings.ToLower(text), strings.ToUpper(text)} {
			if t != "" {
				n.read = append(n.read, reader{t, value})
			}
		}
	}
	for _, list := range [][]string{names.short, names.long, names.also} {
		for i, text := range list {
			add(text, names.first+int64(i))
		}
	}
	slices.SortStableFunc(n.read, func(a, b reader) int { return len(b.text) - len(a.text) })
	return n
}

func (f named) format(buf []byte, m *moment) []byte {
	return append(buf, f.names[fieldTable[f.field].get(m.local)-f.first]...)
}

func (f named) parse(s string, in *reading) int {
	for _, r := range f.read {
		if strings.HasPrefix(s, r.text) {
			in.add(f.field, r.value)
			return len(r.text)
		}
	}
	return -1
}

// zoneOffset is Z (false: +0530) or ZZ (true: +05:30).
type zoneOffset bool

func (f zoneOffset) format(buf []byte, m *moment) []byte {
	off := m.local - m.ms
	return appendOffset(buf, off-off%msMinute, bool(f))
}

func (f zoneOffset) parse(s string, in *reading) int {
	off, n := scanZ(s)
	if n == 0 {
		return -1
	}
	in.offset, in.fixed = off, true
	return n
}

// zoneID is ZZZ: the zone by its name.
type zoneID struct{}

func (zoneID) format(buf []byte, m *moment) []byte { return append(buf, m.zone.name...) }

func (zoneID) parse(s string, in *reading) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || s[n]-'0' < 10 || strings.IndexByte("/_+-:", s[n]) >= 0) {
		n++
	}
	for ; n > 0; n-- {
		if z, err := LoadZone(s[:n]); err == nil && z.name == s[:n] {
			in.zone, in.fixed = z, false
			return n
		}
	}
	return -1
}

// zoneName is z (false: EST) or zzzz (true: Eastern Standard Time), which
// cannot be read.
type zoneName bool

// readableNames are the zone names that z reads.
var readableNames = []struct{ name, zone string }{
	{"UTC", "UTC"}, {"GMT", "UTC"}, {"UT", "UTC"},
	{"EST", "America/New_York"}, {"EDT", "America/New_York"},
	{"CST", "America/Chicago"}, {"CDT", "America/Chicago"},
	{"MST", "America/Denver"}, {"MDT", "America/Denver"},
	{"PST", "America/Los_Angeles"}, {"PDT", "America/Los_Angeles"},
}

func (f zoneName) format(buf []byte, m *moment) []byte {
	return append(buf, m.zone.displayName(m.ms, bool(f))...)
}

func (f zoneName) parse(s string, in *reading) int {
	if f {
		return -1
	}
	for _, r := range readableNames {
		if strings.HasPrefix(s, r.name) {
			if z, err := LoadZone(r.zone); err == nil {
				in.zone, in.fixed = z, false
				return len(r.name)
			}
		}
	}
	return -1
}
