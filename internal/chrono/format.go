package chrono

import "strconv"

// FormatTime writes an instant as ISO-8601 with milliseconds, in the local
// time of a zone (nil is UTC): 2012-01-01T00:00:00.000Z, or with an offset.
func FormatTime(ms int64, z *Zone) string {
	return string(AppendTime(make([]byte, 0, 32), ms, z))
}

// AppendTime appends what FormatTime gives. It does not allocate but to grow
// buf.
func AppendTime(buf []byte, ms int64, z *Zone) []byte {
	off := int64(0)
	if z != nil {
		off = z.Offset(ms)
	}
	days, t := split(satAdd(ms, off))
	buf = appendClock(appendDate(buf, days, 'T'), t)
	if off == 0 {
		return append(buf, 'Z')
	}
	return appendOffset(buf, off, true)
}

// AppendSQLTime appends yyyy-MM-dd HH:mm:ss, the text that SQL casts give.
func AppendSQLTime(buf []byte, ms int64, z *Zone) []byte {
	if z != nil {
		ms = z.Local(ms)
	}
	days, t := split(ms)
	buf = appendDate(buf, days, ' ')
	return appendClock(buf, t)[:len(buf)+8]
}

// appendDate appends yyyy-MM-dd and a separator.
func appendDate(buf []byte, days int64, sep byte) []byte {
	y, m, d := daysToCivil(days)
	if u := uint32(y); y >= 0 && y <= 9999 {
		buf = append(buf, byte('0'+u/1000), byte('0'+u/100%10), byte('0'+u/10%10), byte('0'+u%10))
	} else {
		buf = appendPadded(buf, y, 4)
	}
	return append(buf, '-', byte('0'+uint32(m)/10), byte('0'+uint32(m)%10), '-', byte('0'+uint32(d)/10), byte('0'+uint32(d)%10), sep)
}

// appendClock appends HH:mm:ss.SSS of a millisecond of day.
func appendClock(buf []byte, t int64) []byte {
	u := uint32(t)
	h, mi, s, ms := u/msHour, u/msMinute%60, u/msSecond%60, u%msSecond
	return append(buf, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+mi/10), byte('0'+mi%10), ':',
		byte('0'+s/10), byte('0'+s%10), '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
}

// appendPadded appends a number of at least width digits, the sign not counted.
func appendPadded(buf []byte, v int64, width int) []byte {
	u := uint64(v)
	if v < 0 {
		buf = append(buf, '-')
		u = -u
	}
	var digits [20]byte
	text := strconv.AppendUint(digits[:0], u, 10)
	for n := len(text); n < width; n++ {
		buf = append(buf, '0')
	}
	return append(buf, text...)
}

// appendOffset appends +hh:mm, with seconds and milliseconds if there are any.
func appendOffset(buf []byte, off int64, colons bool) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	two := func(v int64) { buf = append(buf, byte('0'+v/10), byte('0'+v%10)) }
	sep := func(c byte) {
		if colons {
			buf = append(buf, c)
		}
	}
	buf = append(buf, sign)
	two(off / msHour)
	sep(':')
	two(off / msMinute % 60)
	if off%msMinute == 0 {
		return buf
	}
	sep(':')
	two(off / msSecond % 60)
	if ms := off % msSecond; ms != 0 {
		sep('.')
		buf = append(buf, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	}
	return buf
}
