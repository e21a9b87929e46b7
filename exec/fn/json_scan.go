package fn

import "github.com/ovatedb/ovate/internal/wtf8"

// The scanner finds values in JSON text without building a tree of it. It
// skips what is not looked for by counting brackets, so it takes texts to be
// well-formed; of others it may find the wrong thing, but never reads outside.
// Positions are bytes; -1 is a text that ends too early.

func skipSpace(t string, i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\n' || t[i] == '\t' || t[i] == '\r') {
		i++
	}
	return i
}

// skipString is the position after the string that starts at i, and whether
// it has escapes.
func skipString(t string, i int) (end int, escaped bool) {
	for i++; i < len(t); i++ {
		switch t[i] {
		case '"':
			return i + 1, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return -1, escaped
}

// The classes of bytes outside of strings: what ends a scalar, and what
// matters to one who only counts brackets.
const (
	endsScalar = 1 << iota
	countsUp
	countsDown
	opensString
)

var classes = func() (c [256]uint8) {
	for _, b := range []byte(",]} \n\t\r") {
		c[b] = endsScalar
	}
	c['{'], c['['], c['"'] = countsUp, countsUp, opensString
	c['}'] |= countsDown
	c[']'] |= countsDown
	return c
}()

// skipValue is the position after the value that starts at i.
func skipValue(t string, i int) int {
	if i >= len(t) {
		return -1
	}
	switch t[i] {
	case '"':
		end, _ := skipString(t, i)
		return end
	case '{', '[':
		return skipNested(t, i)
	}
	for i < len(t) && classes[t[i]]&endsScalar == 0 {
		i++
	}
	return i
}

func skipNested(t string, i int) int {
	depth := 0
	for i < len(t) {
		c := classes[t[i]]
		switch {
		case c&(countsUp|countsDown|opensString) == 0:
		case c == opensString:
			if i, _ = skipString(t, i); i < 0 {
				return -1
			}
			continue
		case c == countsUp:
			depth++
		default:
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// members calls visit for every member of the object that starts at i, until
// it answers false: the key's place with its quotes, whether it has escapes,
// and the value's place.
func members(t string, i int, visit func(key string, escaped bool, lo, hi int) bool) bool {
	i = skipSpace(t, i+1)
	for i >= 0 && i < len(t) && t[i] == '"' {
		end, escaped := skipString(t, i)
		if end < 0 {
			return false
		}
		key := t[i+1 : end-1]
		lo := skipSpace(t, end)
		if lo >= len(t) || t[lo] != ':' {
			return false
		}
		lo = skipSpace(t, lo+1)
		hi := skipValue(t, lo)
		if hi < 0 {
			return false
		}
		if !visit(key, escaped, lo, hi) {
			return true
		}
		if i = skipSpace(t, hi); i < len(t) && t[i] == ',' {
			i = skipSpace(t, i+1)
		}
	}
	return i < len(t) && t[i] == '}'
}

// elements calls visit with the place of every element of the array at i,
// until it answers false.
func elements(t string, i int, visit func(lo, hi int) bool) bool {
	i = skipSpace(t, i+1)
	for i < len(t) && t[i] != ']' {
		hi := skipValue(t, i)
		if hi <= i || !visit(i, hi) {
			return hi > i
		}
		if i = skipSpace(t, hi); i < len(t) && t[i] == ',' {
			i = skipSpace(t, i+1)
		}
	}
	return i < len(t)
}

// findPath is the text of the value at a path, "" where there is none.
func findPath(t string, steps []jsonStep) string {
	i := skipSpace(t, 0)
	for _, s := range steps {
		lo := -1
		switch {
		case i >= len(t):
			return ""
		case s.element && t[i] == '[':
			lo = findElement(t, i, s.index)
		case !s.element && t[i] == '{':
			lo = findMember(t, i, s.field)
		}
		if lo < 0 {
			return ""
		}
		i = lo
	}
	end := skipValue(t, i)
	if end < 0 {
		return ""
	}
	return t[i:end]
}

func findElement(t string, i, index int) int {
	if index < 0 {
		elements(t, i, func(_, _ int) bool { index++; return true })
		// index is now counted from the start: -1 of 3 became 2.
		if index < 0 {
			return -1
		}
	}
	found := -1
	elements(t, i, func(lo, _ int) bool {
		if index == 0 {
			found = lo
		}
		index--
		return found < 0
	})
	return found
}

// findMember is members without the calls: it is where time goes when a path
// is read from many rows.
func findMember(t string, i int, name string) int {
	i = skipSpace(t, i+1)
	for i < len(t) && t[i] == '"' {
		end, escaped := skipString(t, i)
		if end < 0 {
			return -1
		}
		key := t[i+1 : end-1]
		lo := skipSpace(t, end)
		if lo >= len(t) || t[lo] != ':' {
			return -1
		}
		lo = skipSpace(t, lo+1)
		if key == name || escaped && unescape(key) == name {
			return lo
		}
		hi := skipValue(t, lo)
		if hi < 0 {
			return -1
		}
		if i = skipSpace(t, hi); i < len(t) && t[i] == ',' {
			i = skipSpace(t, i+1)
		}
	}
	return -1
}

// unescape is the text between the quotes of a JSON string without escapes.
func unescape(raw string) string { return string(wtf8.Unescape(nil, raw)) }
