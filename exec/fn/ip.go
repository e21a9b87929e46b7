package fn

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Ipv4Match and Ipv6Match say whether an address lies in a network. What is
// no address, null too, lies in none.
var (
	Ipv4Match = expr.Register(&expr.Func{
		Name: "ipv4_match", Min: 2, Max: 2, Type: giveTruth, Bind: bindIPMatch(4, matchV4),
		SQL: []expr.SQL{{Name: "IPV4_MATCH", Returns: "BOOLEAN"}},
		Doc: "Whether an IPv4 address, as text or as a number, lies in a network such as 10.0.0.0/8."})
	Ipv6Match = expr.Register(&expr.Func{
		Name: "ipv6_match", Min: 2, Max: 2, Type: giveTruth, Bind: bindIPMatch(6, matchV6),
		SQL: []expr.SQL{{Name: "IPV6_MATCH", Returns: "BOOLEAN"}},
		Doc: "Whether an IPv6 address lies in a network such as 2001:db8::/32."})
)

func bindIPMatch(version int, match func(v *data.Vec, i int, p netip.Prefix) bool) func(*expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		text, err := b.Text(1, "the network", "")
		if err != nil {
			return nil, err
		}
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is4() != (version == 4) {
			return nil, fault.Invalidf("%q is not a network of IPv%d: expected an address, a slash and a number of bits", text, version)
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			out := s.NewVec(data.BoolType, n)
			out.U8 = data.MakeZero[uint8](s, n)
			for i := range n {
				if !args[0].Null(i) && match(args[0], i, p) {
					out.U8[i] = 1
				}
			}
			return out, nil
		}, nil
	}
}

func matchV4(v *data.Vec, i int, p netip.Prefix) bool {
	a, ok := v4At(v, i)
	return ok && p.Contains(a)
}

func matchV6(v *data.Vec, i int, p netip.Prefix) bool {
	if v.Type.Kind != data.String {
		return false
	}
	a, err := netip.ParseAddr(bareAddr(v.Str(i)))
	return err == nil && a.Is6() && a.Zone() == "" && p.Contains(netip.AddrFrom16(a.As16()))
}

// v4At is the address in row i: text, or a number of 32 bits.
func v4At(v *data.Vec, i int) (netip.Addr, bool) {
	if v.Type.Kind == data.String {
		return parseV4(v.Str(i))
	}
	if v.Type.Kind != data.Long {
		return netip.Addr{}, false
	}
	return v4Of(v.Long(i))
}

func v4Of(x int64) (netip.Addr, bool) {
	if x < 0 || x > 0xffffffff {
		return netip.Addr{}, false
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(x))
	return netip.AddrFrom4(b), true
}

// bareAddr is an address without the spaces and control characters around it.
func bareAddr(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
}

// parseV4 reads four numbers up to 255, which may have zeros in front.
func parseV4(text string) (netip.Addr, bool) {
	text = bareAddr(text)
	var b [4]byte
	for i := range b {
		part, rest, dot := strings.Cut(text, ".")
		x, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 3 || dot != (i < 3) || part[0] == '+' {
			return netip.Addr{}, false
		}
		b[i], text = byte(x), rest
	}
	return netip.AddrFrom4(b), true
}

// Ipv4Parse and Ipv4Stringify turn addresses into numbers and back; what is
// no address is null.
var (
	Ipv4Parse = expr.Register(&expr.Func{
		Name: "ipv4_parse", Min: 1, Max: 1, Type: giveLong, SQL: []expr.SQL{{Name: "IPV4_PARSE"}},
		Doc: "The number of an IPv4 address; null if the argument is none.",
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return longRows(s, args, n, func(i int) (int64, bool, error) {
				a, ok := v4At(args[0], i)
				if !ok {
					return 0, false, nil
				}
				b := a.As4()
				return int64(binary.BigEndian.Uint32(b[:])), true, nil
			})
		}})
	Ipv4Stringify = expr.Register(&expr.Func{
		Name: "ipv4_stringify", Min: 1, Max: 1, Type: giveText, SQL: []expr.SQL{{Name: "IPV4_STRINGIFY"}},
		Doc: "The dotted text of the IPv4 address of a number; null if there is none.",
		Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return textRows(s, args, n, func(i int) (string, bool, error) {
				a, ok := v4At(args[0], i)
				if ok && args[0].Type.Kind == data.String {
					return args[0].Str(i), true, nil // an address already
				}
				return a.String(), ok, nil
			})
		}})
)
