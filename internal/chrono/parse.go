package chrono

import (
	"github.com/ovatedb/ovate/internal/fault"
)

// ParseTime reads an ISO-8601 time, UTC unless it says otherwise:
//
//	date    = year ["-" month ["-" day]] | year "-" ddd | year "-W" week ["-" weekday]
//	clock   = hour (":" minute (":" second [fraction] | [fraction]) | [fraction])
//	offset  = "Z" | ("+" | "-") hh [[":"] mm [[":"] ss [("." | ",") digits]]]
//	time    = date ["T" [clock] [offset]] | "T" clock [offset]
//
// What is left out is the first of its kind. Fractions beyond milliseconds
// are cut off.
func ParseTime(s string) (int64, error) { return ParseTimeIn(s, UTC) }

// ParseTimeIn is ParseTime for texts whose local time, where they give no
// offset, is a zone's.
func ParseTimeIn(s string, z *Zone) (int64, error) {
	if s != "" && (s[0] == 'T' || s[0] == 't') {
		local, rest, err := scanClock(s[1:], 0)
		if err == nil && len(rest) < len(s)-1 {
			return finishTime(s, rest, local, z)
		}
		return 0, notATime(s)
	}
	return parseDateTime(s, z, false)
}

// ParseSQLTime is ParseTimeIn for texts that may have a blank where ISO has a
// T, and must have a date: yyyy-MM-dd[ HH[:mm[:ss[.SSS]]]][offset].
func ParseSQLTime(s string, z *Zone) (int64, error) { return parseDateTime(s, z, true) }

func parseDateTime(s string, z *Zone, blank bool) (int64, error) {
	days, rest, ok := scanDate(s)
	if !ok {
		return 0, notATime(s)
	}
	local := join(days, 0)
	if rest == "" {
		return finishTime(s, "", local, z)
	}
	if c := rest[0]; c != 'T' && c != 't' && !(blank && c == ' ') {
		return 0, notATime(s)
	}
	local, rest, err := scanClock(rest[1:], local)
	if err != nil {
		return 0, err
	}
	return finishTime(s, rest, local, z)
}

// finishTime reads the offset, if there is one, and gives the instant.
func finishTime(s, rest string, local int64, z *Zone) (int64, error) {
	if rest != "" {
		off, n := scanZ(rest)
		if n != len(rest) {
			return 0, notATime(s)
		}
		return satAdd(local, -off), nil
	}
	if z == nil || z.IsUTC() {
		return local, nil
	}
	ms, exists := z.localToUTC(local)
	if !exists {
		return 0, fault.Invalidf("time %q does not exist in time zone %s: clocks were put forward over it", s, z)
	}
	return ms, nil
}

func notATime(s string) error {
	return fault.Invalidf("%q is not a time: expected ISO-8601, such as 2012-01-31T12:30:00.000Z", s)
}

// scanInt reads up to most digits. n is their number.
func scanInt(s string, most int) (v int64, n int) {
	for n < len(s) && n < most && s[n]-'0' < 10 {
		v = v*10 + int64(s[n]-'0')
		n++
	}
	return v, n
}

// scanYear reads a signed year of up to nine digits, if it is one.
func scanYear(s string) (y int64, n int) {
	sign := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	y, n = scanInt(s[sign:], 9)
	if n == 0 {
		return 0, 0
	}
	if sign == 1 && s[0] == '-' {
		y = -y
	}
	return y, n + sign
}

// scanDate reads a date in any of its three forms.
func scanDate(s string) (days int64, rest string, ok bool) {
	y, n := scanYear(s)
	if n == 0 || y < minYear || y > maxYear {
		return 0, s, false
	}
	s = s[n:]
	if s == "" || s[0] != '-' {
		return civilToDays(y, 1, 1), s, true
	}
	s = s[1:]
	if s != "" && (s[0] == 'W' || s[0] == 'w') {
		return scanWeekDate(y, s[1:])
	}
	v, n := scanInt(s, 3)
	switch {
	case n == 3:
		return civilToDays(y, 1, 1) + v - 1, s[3:], v >= 1 && v <= daysInYear(y)
	case n == 0 || v < 1 || v > 12:
		return 0, s, false
	}
	s = s[n:]
	if s == "" || s[0] != '-' {
		return civilToDays(y, v, 1), s, true
	}
	d, n := scanInt(s[1:], 2)
	if n == 0 || d < 1 || d > daysInMonth(y, v) {
		return 0, s, false
	}
	return civilToDays(y, v, d), s[1+n:], true
}

// scanWeekDate reads what follows the W.
func scanWeekDate(y int64, s string) (days int64, rest string, ok bool) {
	w, n := scanInt(s, 2)
	if n == 0 || w < 1 || w > weeksInYear(y) {
		return 0, s, false
	}
	s = s[n:]
	days = weekStart(y, w)
	if s == "" || s[0] != '-' {
		return days, s, true
	}
	d, n := scanInt(s[1:], 1)
	if n == 0 || d < 1 || d > 7 {
		return 0, s, false
	}
	return days + d - 1, s[1+n:], true
}

var clockParts = [...]struct {
	name        string
	limit, unit int64
}{{"hour", 24, msHour}, {"minute", 60, msMinute}, {"second", 60, msSecond}}

// scanClock reads a time of day, if there is one, and adds it to local. Its
// last part may have a fraction.
func scanClock(s string, local int64) (int64, string, error) {
	for i, part := range clockParts {
		t := s
		if i > 0 {
			if t == "" || t[0] != ':' {
				break
			}
			t = t[1:]
		}
		v, n := scanInt(t, 2)
		if n == 0 {
			break
		}
		if v >= part.limit {
			return 0, s, fault.Invalidf("%s %d in a time: expected 0 to %d", part.name, v, part.limit-1)
		}
		local = satAdd(local, v*part.unit)
		s = t[n:]
		if len(s) > 1 && (s[0] == '.' || s[0] == ',') && s[1]-'0' < 10 {
			v, n := scanInt(s[1:], 9)
			scale := int64(1)
			for range n {
				scale *= 10
			}
			return satAdd(local, v*part.unit/scale), s[1+n:], nil
		}
	}
	return local, s, nil
}

// scanZ reads "Z" or an offset.
func scanZ(s string) (off int64, n int) {
	if s != "" && (s[0] == 'Z' || s[0] == 'z') {
		return 0, 1
	}
	return scanOffset(s, 1)
}

// scanOffset reads +hh[[:]mm[[:]ss[[.]SSS]]] and gives it in milliseconds. n
// is 0 if there is none with at least parts parts.
func scanOffset(s string, parts int) (off int64, n int) {
	if len(s) < 3 || (s[0] != '+' && s[0] != '-') {
		return 0, 0
	}
	h, k := scanInt(s[1:], 2)
	if k != 2 || h > 23 {
		return 0, 0
	}
	off, n = h*msHour, 3
	colons := n < len(s) && s[n] == ':'
	read := 1
	for _, part := range clockParts[1:] {
		at := n
		if colons {
			if at >= len(s) || s[at] != ':' {
				break
			}
			at++
		}
		v, k := scanInt(s[at:], 2)
		if k == 0 {
			break
		}
		if k != 2 || v > 59 {
			return 0, 0
		}
		off, n = off+v*part.unit, at+2
		read++
	}
	if read == 3 && n < len(s) {
		at := n
		if colons && (s[at] == '.' || s[at] == ',') {
			at++
		}
		if v, k := scanInt(s[at:], 3); k > 0 && (at > n || !colons) {
			for i := k; i < 3; i++ {
				v *= 10
			}
			off, n = off+v, at+k
		}
	}
	if read < parts {
		return 0, 0
	}
	if s[0] == '-' {
		off = -off
	}
	return off, n
}
