package chrono

import "github.com/ovatedb/ovate/internal/fault"

// ParseTimestampLiteral reads the text of SQL's TIMESTAMP '...': local time in
// a zone as yyyy-MM-dd HH:mm:ss with an optional fraction, of which
// milliseconds are kept. A time that clocks skip moves later.
func ParseTimestampLiteral(s string, z *Zone) (int64, error) {
	days, rest, ok := scanLiteralDate(s)
	if ok && len(rest) > 1 && rest[0] == ' ' {
		parts, colons := rest[1:], 0
		for i := range len(parts) {
			if parts[i] == ':' {
				colons++
			}
		}
		local, rest, err := scanClock(parts, join(days, 0))
		if err == nil && rest == "" && colons == 2 && parts[len(parts)-1] != ':' {
			return inZone(z).LocalToUTC(local), nil
		}
	}
	return 0, fault.Invalidf("illegal TIMESTAMP literal '%s': expected the form 'yyyy-MM-dd HH:mm:ss'", s)
}

// ParseDateLiteral reads the text of SQL's DATE '...' as yyyy-MM-dd and gives
// the first instant of that day in a zone.
func ParseDateLiteral(s string, z *Zone) (int64, error) {
	if days, rest, ok := scanLiteralDate(s); ok && rest == "" {
		return inZone(z).LocalToUTC(join(days, 0)), nil
	}
	return 0, fault.Invalidf("illegal DATE literal '%s': expected the form 'yyyy-MM-dd'", s)
}

// scanLiteralDate reads a date that has a year of up to four digits, a month
// and a day.
func scanLiteralDate(s string) (days int64, rest string, ok bool) {
	y, n := scanInt(s, 4)
	if n == 0 || n >= len(s) || s[n] != '-' {
		return 0, s, false
	}
	m, k := scanInt(s[n+1:], 2)
	n += 1 + k
	if k == 0 || m < 1 || m > 12 || n >= len(s) || s[n] != '-' {
		return 0, s, false
	}
	d, k := scanInt(s[n+1:], 2)
	return civilToDays(y, m, d), s[n+1+k:], k > 0 && d >= 1 && d <= daysInMonth(y, m)
}
