package fn

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// OrderKey makes texts whose bytes ascend as its argument does in one of the
// orders that queries may ask for; equal in the order is equal as texts. So
// sorting, comparing and ranges know one order only. The texts are UTF-8.
var OrderKey = expr.Register(&expr.Func{
	Name: "order_key", Min: 2, Max: 2, Type: giveText,
	Doc: "A text that sorts by its bytes as the second argument sorts in the order named by the first: 'lexicographic', 'alphanumeric', 'numeric', 'strlen' or 'version'.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		name, err := b.Text(0, "the order", "")
		if err != nil {
			return nil, err
		}
		key, ok := orders[strings.ToLower(name)]
		if !ok {
			return nil, fault.Invalidf("unknown order %q%s; known: %s", name, fault.Suggest(name, OrderNames()), strings.Join(OrderNames(), ", "))
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			x := expr.Convert(s, args[1], data.StringType)
			return appendRows(s, []*data.Vec{x}, n, func(i int, buf []byte) ([]byte, bool, error) {
				return key(buf, x.Str(i)), true, nil
			})
		}, nil
	},
})

// orders append the key of a text.
var orders = map[string]func(buf []byte, x string) []byte{
	"lexicographic": func(buf []byte, x string) []byte { return append(buf, x...) },
	"alphanumeric":  alphanumericKey,
	"numeric":       numericKey,
	"strlen":        func(buf []byte, x string) []byte { return append(fmt.Appendf(buf, "%010d", units(x)), x...) },
	"version":       versionKey,
}

// OrderNames are the orders of OrderKey.
func OrderNames() []string {
	out := make([]string, 0, len(orders))
	for n := range orders {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// numericKey puts texts that are no number first, by their bytes, then decimal
// numbers of any size:
//
//	'0' text
//	'1' '0' exponent mantissa '~'   below 0; digits are 9 minus the digit
//	'1' '1'                         zero
//	'1' '2' exponent mantissa       above 0; mantissa is 0.ddd without trailing zeros
func numericKey(buf []byte, x string) []byte {
	negative, exponent, digits, ok := scaledDigits(x)
	switch {
	case !ok:
		return append(append(buf, '0'), x...)
	case digits == "":
		return append(buf, "11"...)
	case !negative:
		return append(fmt.Appendf(append(buf, "12"...), "%010d", exponent+decimalBias), digits...)
	}
	buf = append(buf, "10"...)
	from := len(buf)
	buf = append(fmt.Appendf(buf, "%010d", exponent+decimalBias), digits...)
	for i := from; i < len(buf); i++ {
		buf[i] = '0' + '9' - buf[i]
	}
	return append(buf, '~')
}

const decimalBias = 5e9

// scaledDigits reads a number as Java's BigDecimal does: its value is
// 0.digits * 10^exponent, the digits without zeros at either end.
func scaledDigits(x string) (negative bool, exponent int64, digits string, ok bool) {
	rest := x
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		negative, rest = rest[0] == '-', rest[1:]
	}
	mantissa := rest
	if e := strings.IndexAny(rest, "eE"); e >= 0 {
		n, err := strconv.ParseInt(rest[e+1:], 10, 32)
		if err != nil {
			return false, 0, "", false
		}
		mantissa, exponent = rest[:e], n
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	digits = whole + part
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false, 0, "", false
	}
	exponent += int64(len(whole))
	short := strings.TrimLeft(digits, "0")
	exponent -= int64(len(digits) - len(short))
	return negative, exponent, strings.TrimRight(short, "0"), true
}

// alphanumericKey splits a text into numbers and other text, which compare in
// turn. A number comes before text, and among numbers the smaller, then that
// with fewer leading zeros; text compares in any case.
//
//	'A' number of digits, digits, number of leading zeros
//	'B' text in lower case, 0
func alphanumericKey(buf []byte, x string) []byte {
	for x != "" {
		r, _ := utf8.DecodeRuneInString(x)
		if digitOf(r) < 0 {
			end := strings.IndexFunc(x, func(r rune) bool { return digitOf(r) >= 0 })
			if end < 0 {
				end = len(x)
			}
			buf = append(buf, 'B')
			for _, r := range x[:end] {
				if r = unicode.ToLower(unicode.ToUpper(r)); r <= 1 { // 0 ends the text
					buf, r = append(buf, 1), r+1
				}
				buf = utf8.AppendRune(buf, r)
			}
			buf, x = append(buf, 0), x[end:]
			continue
		}
		var digits []byte
		zeros, end := 0, len(x)
		for i, r := range x {
			d := digitOf(r)
			if d < 0 {
				end = i
				break
			}
			if d == 0 && len(digits) == 0 {
				zeros++
			} else {
				digits = append(digits, byte('0'+d))
			}
		}
		buf = append(fmt.Appendf(append(buf, 'A'), "%010d", len(digits)), digits...)
		buf, x = fmt.Appendf(buf, "%010d", zeros), x[end:]
	}
	return buf
}

// digitOf is the value of a digit of the scripts that alphanumeric order
// knows: ASCII, Arabic, Persian, Devanagari and full-width; -1 of others.
func digitOf(r rune) int {
	for _, zero := range [...]rune{'0', 0x660, 0x6f0, 0x966, 0xff10} {
		if r >= zero && r <= zero+9 {
			return int(r - zero)
		}
	}
	return -1
}

// versionKey orders versions as Maven does: items parted by dots, hyphens and
// changes between digits and letters; alpha < beta < milestone < rc < snapshot
// < nothing < sp < other words < numbers. After a hyphen or a letter a number
// ranks below one after a dot.
//
//	'1'..'5' '7'   qualifiers, in order
//	'6'            the end, and final, ga and release
//	'8' word, 0    other words
//	'9' ':'        a number (after a hyphen; after a dot): size, digits
func versionKey(buf []byte, x string) []byte {
	var items []string
	for _, it := range versionItems(strings.ToLower(x)) {
		if it.sub { // what is null before a sublist does not count
			items = trimReleases(items)
		}
		items = append(items, it.key())
	}
	for _, k := range trimReleases(items) {
		buf = append(buf, k...)
	}
	return append(buf, '6')
}

func trimReleases(items []string) []string {
	for len(items) > 0 && items[len(items)-1] == "6" {
		items = items[:len(items)-1]
	}
	return items
}

type versionItem struct {
	text        string
	digits, sub bool // sub: it begins a sublist
	beforeDigit bool
}

func versionItems(x string) []versionItem {
	var out []versionItem
	start, sub := 0, false
	isDigit := func(i int) bool { return x[i] >= '0' && x[i] <= '9' }
	add := func(end int) {
		it := versionItem{text: x[start:end], sub: sub}
		it.digits = it.text == "" || isDigit(start)
		out = append(out, it)
		sub = false
	}
	for i := 0; i < len(x); i++ {
		switch {
		case x[i] == '.' || x[i] == '-':
			add(i)
			start, sub = i+1, x[i] == '-'
		case i > start && isDigit(i) != isDigit(i-1):
			add(i)
			out[len(out)-1].beforeDigit = isDigit(i)
			start, sub = i, true
		}
	}
	if start < len(x) {
		add(len(x))
	}
	return out
}

var qualifiers = map[string]string{
	"alpha": "1", "beta": "2", "milestone": "3", "rc": "4", "cr": "4", "snapshot": "5",
	"": "6", "ga": "6", "final": "6", "release": "6", "sp": "7",
}

var shortQualifiers = map[string]string{"a": "1", "b": "2", "m": "3"}

func (it versionItem) key() string {
	if it.digits {
		n := strings.TrimLeft(it.text, "0")
		switch {
		case n == "":
			return "6"
		case it.sub:
			return fmt.Sprintf("9%010d%s", len(n), n)
		}
		return fmt.Sprintf(":%010d%s", len(n), n)
	}
	if k, ok := shortQualifiers[it.text]; ok && it.beforeDigit {
		return k
	}
	if k, ok := qualifiers[it.text]; ok {
		return k
	}
	return "8" + it.text + "\x00"
}
