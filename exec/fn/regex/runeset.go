package regex

import (
	"slices"
	"sort"
	"unicode"
)

// A runeSet is ranges of characters, ascending and apart.
type runeSet []runeRange

type runeRange struct{ lo, hi rune }

func single(r rune) runeSet { return runeSet{{r, r}} }

// setOf orders and joins ranges.
func setOf(ranges ...runeRange) runeSet {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b runeRange) int { return int(a.lo - b.lo) })
	var out runeSet
	for _, r := range sorted {
		switch n := len(out); {
		case r.lo > r.hi:
		case n > 0 && r.lo <= out[n-1].hi+1:
			out[n-1].hi = max(out[n-1].hi, r.hi)
		default:
			out = append(out, r)
		}
	}
	return out
}

func (s runeSet) union(t runeSet) runeSet { return setOf(append(slices.Clone(s), t...)...) }

func (s runeSet) not() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, runeRange{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, runeRange{next, unicode.MaxRune})
	}
	return out
}

func (s runeSet) and(t runeSet) runeSet { return s.not().union(t.not()).not() }

func (s runeSet) has(r rune) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].hi >= r })
	return i < len(s) && s[i].lo <= r
}

// folded adds the other case of every letter: of ASCII, or with unicodeCase of
// all.
func (s runeSet) folded(unicodeCase bool) runeSet {
	more := slices.Clone(s)
	for _, r := range s {
		if !unicodeCase {
			lo, hi := max(r.lo, 'A'), min(r.hi, 'Z')
			more = append(more, runeRange{lo + 32, hi + 32})
			lo, hi = max(r.lo, 'a'), min(r.hi, 'z')
			more = append(more, runeRange{lo - 32, hi - 32})
			continue
		}
		if r.hi-r.lo > 0x10000 {
			continue // nearly everything has its other case inside
		}
		for c := r.lo; c <= r.hi; c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				more = append(more, runeRange{f, f})
			}
		}
	}
	return setOf(more...)
}

func fromTable(tables ...*unicode.RangeTable) runeSet {
	var out []runeRange
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			out = append(out, runeRange{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			out = append(out, runeRange{r, r})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return setOf(out...)
}

var (
	lineEnds = setOf(runeRange{'\n', '\n'}, runeRange{'\r', '\r'}, runeRange{0x85, 0x85}, runeRange{0x2028, 0x2029})
	digits   = setOf(runeRange{'0', '9'})
	blanks   = setOf(runeRange{'\t', '\r'}, runeRange{' ', ' '})
	wordy    = setOf(runeRange{'0', '9'}, runeRange{'A', 'Z'}, runeRange{'a', 'z'}, runeRange{'_', '_'})
	flat     = setOf(runeRange{'\t', '\t'}, runeRange{' ', ' '}, runeRange{0xa0, 0xa0}, runeRange{0x1680, 0x1680},
		runeRange{0x180e, 0x180e}, runeRange{0x2000, 0x200a}, runeRange{0x202f, 0x202f}, runeRange{0x205f, 0x205f}, runeRange{0x3000, 0x3000})
	upright = setOf(runeRange{'\n', '\r'}, runeRange{0x85, 0x85}, runeRange{0x2028, 0x2029})
)

func isLineEnd(r rune) bool { return lineEnds.has(r) }

// isWord is what \b takes for a part of a word.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// escapeSets are the sets that a letter after a backslash names; its capital
// names what is not in it.
var escapeSets = map[byte]runeSet{'d': digits, 's': blanks, 'w': wordy, 'h': flat, 'v': upright}

// asciiSets are the properties of ASCII, after POSIX.
var asciiSets = map[string]runeSet{
	"Lower": setOf(runeRange{'a', 'z'}), "Upper": setOf(runeRange{'A', 'Z'}), "ASCII": setOf(runeRange{0, 127}),
	"Alpha": setOf(runeRange{'a', 'z'}, runeRange{'A', 'Z'}), "Digit": digits,
	"Alnum": setOf(runeRange{'0', '9'}, runeRange{'A', 'Z'}, runeRange{'a', 'z'}),
	"Punct": setOf(runeRange{'!', '/'}, runeRange{':', '@'}, runeRange{'[', '`'}, runeRange{'{', '~'}),
	"Graph": setOf(runeRange{'!', '~'}), "Print": setOf(runeRange{' ', '~'}),
	"Blank": setOf(runeRange{' ', ' '}, runeRange{'\t', '\t'}), "Cntrl": setOf(runeRange{0, 31}, runeRange{127, 127}),
	"XDigit": setOf(runeRange{'0', '9'}, runeRange{'A', 'F'}, runeRange{'a', 'f'}), "Space": blanks,
	"L1": setOf(runeRange{0, 255}), "all": setOf(runeRange{0, unicode.MaxRune}),
}

// tableSets are the properties with names of their own that tables of package
// unicode make up.
var tableSets = map[string][]*unicode.RangeTable{
	"LC": {unicode.Lu, unicode.Ll, unicode.Lt}, "LD": {unicode.L, unicode.Nd},
	"ALPHABETIC": {unicode.L, unicode.Nl, unicode.Other_Alphabetic}, "LETTER": {unicode.L}, "DIGIT": {unicode.Nd},
	"IDEOGRAPHIC": {unicode.Ideographic}, "LOWERCASE": {unicode.Ll, unicode.Other_Lowercase},
	"UPPERCASE": {unicode.Lu, unicode.Other_Uppercase}, "TITLECASE": {unicode.Lt}, "PUNCTUATION": {unicode.P},
	"CONTROL": {unicode.Cc}, "WHITE_SPACE": {unicode.White_Space}, "WHITESPACE": {unicode.White_Space},
	"HEX_DIGIT": {unicode.Hex_Digit}, "LETTERORDIGIT": {unicode.L, unicode.Nd},
}
