package druidv9

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A smile turns one document of SMILE, binary JSON, into JSON text.
type smile struct {
	cursor
	out    []byte
	most   int
	names  []string // that a later key may refer to; nil if the document has none
	values []string // the same for short strings
	shareN bool
	shareV bool
}

const (
	mostSmileDepth = 1000
	mostSmileNames = 1024
	mostSmileName  = 64 // bytes of a name or a string that may be referred to
)

// appendSmile adds the text of doc to out, up to most bytes in all.
func appendSmile(out, doc []byte, most int) ([]byte, error) {
	s := smile{cursor: cursor{b: doc}, out: out, most: most}
	if head := s.take(3); string(head) != ":)\n" {
		return out, fault.Invalidf("a document begins with % x, expected :) and a line feed", head)
	}
	flags := s.u8()
	s.shareN, s.shareV = flags&1 != 0, flags&2 != 0
	s.value(s.u8(), 0)
	return s.out, s.err
}

// A smileToken is a range of first bytes of a value and what they begin.
type smileToken struct {
	lo, hi byte
	read   func(s *smile, b byte, depth int)
}

// smileTokens are in the order of how often they come up.
var smileTokens []smileToken

func init() {
	word := func(text string) func(*smile, byte, int) {
		return func(s *smile, _ byte, _ int) { s.out = append(s.out, text...) }
	}
	smileTokens = []smileToken{
		{0x40, 0x7f, func(s *smile, b byte, _ int) { s.text(s.share(s.take(int(b-0x40) + 1))) }}, // ASCII
		{0x80, 0xbf, func(s *smile, b byte, _ int) { s.text(s.share(s.take(int(b-0x80) + 2))) }}, // other UTF-8
		{0xc0, 0xdf, func(s *smile, b byte, _ int) { s.long(unzigzag(uint64(b & 0x1f))) }},
		{0xfa, 0xfa, (*smile).object},
		{0xf8, 0xf8, (*smile).array},
		{0x20, 0x20, word(`""`)},
		{0x21, 0x21, word("null")},
		{0x22, 0x22, word("false")},
		{0x23, 0x23, word("true")},
		{0x24, 0x25, func(s *smile, _ byte, _ int) { s.long(unzigzag(s.vint())) }},
		{0x26, 0x26, func(s *smile, _ byte, _ int) { s.out = s.bigInt().Append(s.out, 10) }},
		{0x28, 0x28, func(s *smile, _ byte, _ int) { s.number(float64(math.Float32frombits(uint32(s.sevens(5)))), 32) }},
		{0x29, 0x29, func(s *smile, _ byte, _ int) { s.number(math.Float64frombits(s.sevens(10)), 64) }},
		{0x2a, 0x2a, func(s *smile, _ byte, _ int) { s.decimal() }},
		{0xe0, 0xe0, func(s *smile, _ byte, _ int) { s.text(s.long8()) }},
		{0xe4, 0xe4, func(s *smile, _ byte, _ int) { s.text(s.long8()) }},
		{0xe8, 0xe8, func(s *smile, _ byte, _ int) { s.base64(s.binary()) }},
		{0xfd, 0xfd, func(s *smile, _ byte, _ int) { s.base64(s.take(int(min(s.vint(), math.MaxInt32)))) }},
		{0x01, 0x1f, func(s *smile, b byte, _ int) { s.text(s.shared(s.values, int(b)-1)) }},
		{0xec, 0xef, func(s *smile, b byte, _ int) { s.text(s.shared(s.values, int(b&3)<<8|int(s.u8()))) }},
	}
}

func (s *smile) value(b byte, depth int) {
	if depth > mostSmileDepth || len(s.out) > s.most {
		s.fail("a document nested more than %d deep, or too long", mostSmileDepth)
	}
	if s.err != nil {
		return
	}
	for i := range smileTokens {
		if t := &smileTokens[i]; b >= t.lo && b <= t.hi {
			t.read(s, b, depth)
			return
		}
	}
	s.fail("a value begins with %#x, which means nothing", b)
}

func (s *smile) array(_ byte, depth int) {
	s.out = append(s.out, '[')
	for n := 0; s.err == nil; n++ {
		b := s.u8()
		if b == 0xf9 {
			break
		}
		if n > 0 {
			s.out = append(s.out, ',')
		}
		s.value(b, depth+1)
	}
	s.out = append(s.out, ']')
}

func (s *smile) object(_ byte, depth int) {
	s.out = append(s.out, '{')
	for n := 0; s.err == nil; n++ {
		b := s.u8()
		if b == 0xfb || s.err != nil {
			break
		}
		if n > 0 {
			s.out = append(s.out, ',')
		}
		s.text(s.key(b))
		s.out = append(s.out, ':')
		s.value(s.u8(), depth+1)
	}
	s.out = append(s.out, '}')
}

// key is the name that begins with b.
func (s *smile) key(b byte) string {
	switch {
	case b == 0x20:
		return ""
	case b >= 0x30 && b <= 0x33:
		return s.shared(s.names, int(b&3)<<8|int(s.u8()))
	case b == 0x34:
		return s.long8()
	case b >= 0x40 && b <= 0x7f:
		return s.shared(s.names, int(b-0x40))
	case b >= 0x80 && b <= 0xbf:
		return s.name(int(b-0x80) + 1)
	case b >= 0xc0 && b <= 0xf7:
		return s.name(int(b-0xc0) + 2)
	}
	s.fail("a name begins with %#x, which means nothing", b)
	return ""
}

func (s *smile) name(n int) string {
	name := string(s.take(n))
	if s.shareN && n <= mostSmileName {
		if len(s.names) == mostSmileNames {
			s.names = s.names[:0]
		}
		s.names = append(s.names, name)
	}
	return name
}

// share is b as a string that later values may refer to.
func (s *smile) share(b []byte) string {
	text := string(b)
	if s.shareV && len(b) <= mostSmileName {
		if len(s.values) == mostSmileNames {
			s.values = s.values[:0]
		}
		s.values = append(s.values, text)
	}
	return text
}

func (s *smile) shared(table []string, i int) string {
	if i >= len(table) {
		s.fail("reference %d of %d", i, len(table))
		return ""
	}
	return table[i]
}

// long8 is a string up to its end mark.
func (s *smile) long8() string {
	for i, b := range s.b {
		if b == 0xfc {
			text := string(s.take(i + 1))
			return text[:i]
		}
	}
	s.fail("a string without an end")
	return ""
}

// vint has 7 bits a byte, the highest first; the last has the high bit set and
// 6 bits.
func (s *smile) vint() uint64 {
	n := uint64(0)
	for range 11 {
		b := s.u8()
		if b&0x80 != 0 {
			return n<<6 | uint64(b&0x3f)
		}
		n = n<<7 | uint64(b)
	}
	s.fail("a number of more than 11 bytes")
	return 0
}

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// sevens is n bytes of 7 bits, the highest first.
func (s *smile) sevens(n int) uint64 {
	x := uint64(0)
	for _, b := range s.take(n) {
		x = x<<7 | uint64(b&0x7f)
	}
	return x
}

// binary is a length and so many bytes written as 7 bits a byte; the last byte
// has what bits are left, at its low end.
func (s *smile) binary() []byte {
	n := s.vint()
	if n > uint64(len(s.b)) {
		s.fail("%d bytes left, expected %d", len(s.b), n)
		return nil
	}
	var out []byte
	bits, have := uint64(0), 0
	for in := s.take(int((8*n + 6) / 7)); len(in) > 0; in = in[1:] {
		width := 7
		if len(in) == 1 {
			width = int(8*n) - 7*int((8*n+6)/7-1)
		}
		bits, have = bits<<width|uint64(in[0])&(1<<width-1), have+width
		if have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
		}
	}
	return out
}

// bigInt is an integer in two's complement.
func (s *smile) bigInt() *big.Int {
	b := s.binary()
	x := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return x
}

// decimal is a scale and an integer.
func (s *smile) decimal() {
	scale := unzigzag(s.vint())
	x := s.bigInt()
	if s.err != nil {
		return
	}
	s.out = append(s.out, x.String()...)
	if scale != 0 {
		s.out = append(s.out, 'E')
		s.out = strconv.AppendInt(s.out, -scale, 10)
	}
}

func (s *smile) long(x int64) { s.out = strconv.AppendInt(s.out, x, 10) }

// number writes x; what JSON has no number for is a string.
func (s *smile) number(x float64, bits int) {
	if x != x || math.IsInf(x, 0) {
		s.text(string(appendDouble(nil, x, bits)))
		return
	}
	s.out = appendDouble(s.out, x, bits)
}

func (s *smile) base64(b []byte) {
	s.out = append(s.out, '"')
	s.out = base64.StdEncoding.AppendEncode(s.out, b)
	s.out = append(s.out, '"')
}

// escapes are the letters of what JSON escapes shortly.
const escapes = "\"\"\\\\\bb\ff\nn\rr\tt"

func (s *smile) text(text string) {
	s.out = append(s.out, '"')
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			s.out = append(s.out, c)
			continue
		}
		if at := strings.IndexByte(escapes, c); at >= 0 && at&1 == 0 {
			s.out = append(s.out, '\\', escapes[at+1])
			continue
		}
		s.out = append(s.out, '\\', 'u', '0', '0')
		s.out = append(s.out, "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
	}
	s.out = append(s.out, '"')
}
