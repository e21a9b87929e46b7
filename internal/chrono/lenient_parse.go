package chrono

import (
	"math"
	"strings"
)

// lenientField is a field that a text set. Of fields that contradict each
// other, that which was set last counts.
type lenientField uint8

const (
	lEra lenientField = iota + 1
	lYear
	lMonth
	lWeek
	lMonthWeek
	lDay
	lYearDay
	lWeekday
	lNthWeekday
	lHalf
	lHour12
	lHour
	lMinute
	lSecond
	lMilli
	lWeekYear
	lLocalDay
	lFullYear
	lJulian
	lDayMilli
	lenientFieldCount
)

// lenientReading is what has been read; stamp is 0 where a field was not set.
type lenientReading struct {
	value, stamp [lenientFieldCount]int64
	last         int64
	offset       int64
}

func (r *lenientReading) set(f lenientField, v int64) {
	r.last++
	r.value[f], r.stamp[f] = v, r.last
}

func (r *lenientReading) get(f lenientField, otherwise int64) int64 {
	if r.stamp[f] == 0 {
		return otherwise
	}
	return r.value[f]
}

// Parse reads a time in milliseconds that a text begins with.
func (p *Lenient) Parse(s string) (ms int64, ok bool) {
	var r lenientReading
	pos, run, runStart, pass := 0, -1, 0, 0
	for i := 0; i < len(p.items); i++ {
		it := p.items[i]
		if it.letter == 0 {
			run = -1
			if pos, ok = p.literal(s, pos, i); !ok {
				return 0, false
			}
			continue
		}
		if run < 0 && it.lenientNumeric() && i+1 < len(p.items) && p.items[i+1].lenientNumeric() {
			run, runStart, pass = i, pos, 0
		}
		if run < 0 {
			if pos = r.read(s, pos, it, false); pos < 0 {
				return 0, false
			}
			continue
		}
		// Numbers that stand together have as many digits as letters; the
		// first one gives up digits until all fit.
		if i == run {
			it.count -= pass
			if pass++; it.count == 0 {
				return 0, false
			}
		}
		if pos = r.read(s, pos, it, true); pos < 0 {
			i, pos = run-1, runStart
		}
	}
	return r.resolve(), pos > 0
}

func (t token) lenientNumeric() bool {
	return t.letter != 0 && (strings.IndexByte("ADdFgHhKkmrSsuWwYy", t.letter) >= 0 || strings.IndexByte("ceLMQq", t.letter) >= 0 && t.count < 3)
}

// literal matches text; white space stands for any white space, and between a
// date and a time of day it may stand for other text.
func (p *Lenient) literal(s string, start, item int) (int, bool) {
	text, pos, i := p.items[item].text, start, 0
	named := item > 0 && !p.items[item-1].lenientNumeric()
	for i < len(text) && pos < len(s) {
		switch {
		case isSpace(text[i]) && isSpace(s[pos]):
			for i+1 < len(text) && isSpace(text[i+1]) {
				i++
			}
			for pos+1 < len(s) && isSpace(s[pos+1]) {
				pos++
			}
			i, pos = i+1, pos+1
			continue
		case text[i] == s[pos]:
			i, pos = i+1, pos+1
			continue
		case s[pos] == '.' && pos == start && named:
			pos++
			continue
		case text[i] == ' ' || text[i] == '.' || pos != start:
			i++
			continue
		}
		break
	}
	if i == len(text) {
		return pos, true
	}
	if item == 0 || item == len(p.items)-1 || isDateLetter(p.items[item-1].letter) == isDateLetter(p.items[item+1].letter) {
		return pos, false
	}
	for pos = start; pos < len(s) && isSpace(s[pos]); pos++ {
	}
	return pos, pos > start
}

func isSpace(c byte) bool { return c == ' ' || c >= 9 && c <= 13 }

func isDateLetter(c byte) bool { return strings.IndexByte("GyYuUQqMLlwWd", c) >= 0 }

// lenientFields are the fields that numbers of letters set.
var lenientFields = map[byte]lenientField{
	'y': lYear, 'U': lYear, 'Y': lWeekYear, 'u': lFullYear, 'r': lFullYear, 'M': lMonth, 'L': lMonth, 'w': lWeek, 'W': lMonthWeek,
	'd': lDay, 'D': lYearDay, 'F': lNthWeekday, 'g': lJulian, 'A': lDayMilli, 'e': lLocalDay, 'c': lLocalDay,
	'H': lHour, 'k': lHour, 'K': lHour12, 'h': lHour12, 'm': lMinute, 's': lSecond, 'S': lMilli, 'Q': lMonth, 'q': lMonth,
}

// read reads a field from pos on and gives where it ends, or -1. In a run of
// numbers the count of letters is the length.
func (r *lenientReading) read(s string, pos int, t token, inRun bool) int {
	for pos < len(s) && isSpace(s[pos]) {
		pos++
	}
	if t.letter == 'l' {
		return pos
	}
	if pos >= len(s) {
		return -1
	}
	if n := r.name(s[pos:], t); n > 0 {
		return pos + n
	}
	if t.letter == 'G' {
		return pos // an era may be missing
	}
	field, ok := lenientFields[t.letter]
	if !ok || t.letter == 'M' && t.count > 2 {
		return -1
	}
	text := s[pos:]
	if inRun {
		if t.count > len(text) {
			return -1
		}
		text = text[:t.count]
	}
	v, n := lenientInt(text, !inRun)
	if n == 0 {
		return -1
	}
	r.set(field, r.adjust(t, v, text[:n]))
	return pos + n
}

// lenientInt reads a number; greater ones wrap like 32 bits do.
func lenientInt(s string, signed bool) (v int64, n int) {
	sign := 0
	if signed && (s[0] == '-') {
		sign = 1
	}
	digits := sign
	for digits < len(s) && s[digits]-'0' < 10 {
		if v < math.MaxInt64/10-9 {
			v = v*10 + int64(s[digits]-'0')
		} else {
			v = math.MaxInt64
		}
		digits++
	}
	if digits == sign {
		return 0, 0
	}
	if sign == 1 {
		v = -v
	}
	return int64(int32(v)), digits
}

// adjust gives the value of a field that digits stand for.
func (r *lenientReading) adjust(t token, v int64, digits string) int64 {
	switch t.letter {
	case 'M', 'L':
		return v - 1
	case 'Q', 'q':
		return (v - 1) * 3
	case 'k':
		return pick64(v == 24, 0, v)
	case 'h':
		return pick64(v == 12, 0, v)
	case 'S':
		digits = strings.TrimPrefix(digits, "-")
		for n := len(digits); n < 3; n++ {
			v *= 10
		}
		for n := len(digits); n > 3; n-- {
			v /= 10
		}
	case 'y', 'Y', 'U':
		if t.count == 2 && len(digits) == 2 && digits[0] != '-' {
			return nearYear(v)
		}
	}
	return v
}

func pick64(first bool, a, b int64) int64 {
	if first {
		return a
	}
	return b
}

// name reads a field that a name stands for; 0 is none.
func (r *lenientReading) name(s string, t token) int {
	switch t.letter {
	case 'M', 'L':
		if t.count > 2 {
			return r.oneOf(s, lMonth, 0, 1, lenientMonths.long, lenientMonths.short)
		}
	case 'Q', 'q':
		if t.count > 2 {
			return r.oneOf(s, lMonth, 0, 3, lenientQuarters.long, lenientQuarters.short, strings.Fields("1 2 3 4"))
		}
	case 'E', 'e', 'c':
		if t.letter == 'E' || t.count > 2 {
			lists := [][]string{lenientWeekdays.long, lenientWeekdays.short, strings.Fields("Su Mo Tu We Th Fr Sa"), strings.Fields("S M T W T F S")}
			if t.letter == 'c' {
				lists = lists[:3]
			}
			return r.oneOf(s, lWeekday, 1, 1, lists...)
		}
	case 'a', 'b', 'B':
		return r.oneOf(s, lHalf, 0, 1, []string{"AM", "PM"}, []string{"a", "p"})
	case 'G':
		return r.oneOf(s, lEra, 0, 1, []string{lenientEras[0][pick2(t.count == 4, 1, 0)], lenientEras[1][pick2(t.count == 4, 1, 0)]})
	case 'z', 'Z', 'X', 'x', 'O', 'v', 'V':
		return r.zone(s, t.letter)
	}
	return 0
}

// oneOf reads the longest name of the first list that has one.
func (r *lenientReading) oneOf(s string, f lenientField, first, step int64, lists ...[]string) int {
	for _, names := range lists {
		best := 0
		for i, name := range names {
			if n := foldPrefix(s, name); n > best {
				best = n
				r.value[f] = first + int64(i)*step
			}
		}
		if best > 0 {
			r.set(f, r.value[f])
			return best
		}
	}
	return 0
}

// zone reads an offset, with GMT or UTC before it or not; of the letters z, v
// and V a zone's name too.
func (r *lenientReading) zone(s string, letter byte) int {
	n := 0
	for _, name := range []string{"UTC", "GMT", "UT"} {
		if n = max(foldPrefix(s, name), 0); n > 0 {
			break
		}
	}
	r.offset = 0
	if n == 0 && (s[0] == 'Z' || s[0] == 'z') {
		return 1
	}
	if off, m := lenientOffset(s[n:]); m > 0 {
		r.offset = off
		return n + m
	}
	if n > 0 || strings.IndexByte("zvV", letter) < 0 {
		return n
	}
	for _, z := range readableNames {
		if n := foldPrefix(s, z.name); n > 0 {
			if loaded, err := LoadZone(z.zone); err == nil {
				r.offset = loaded.Offset(0)
				if z.name[1] == 'D' {
					r.offset += msHour
				}
				return n
			}
		}
	}
	return 0
}

// lenientOffset reads a sign, one or two digits of hours and perhaps two of
// minutes.
func lenientOffset(s string) (off int64, n int) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, 0
	}
	v, digits := scanInt(s[1:], 4)
	if n = 1 + digits; digits == 0 {
		return 0, 0
	}
	if off = v * msHour; digits > 2 {
		off = v/100*msHour + v%100*msMinute
	} else if n < len(s) && s[n] == ':' {
		if minutes, m := scanInt(s[n+1:], 2); m == 2 {
			off, n = off+minutes*msMinute, n+3
		}
	}
	if s[0] == '-' {
		off = -off
	}
	return off, n
}
