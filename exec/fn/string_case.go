package fn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Lower and Upper change case as Unicode says, also where that changes the
// number of letters. A language as second argument (a tag such as "tr")
// changes the dotted and dotless i of Turkish, and nothing else.
var (
	Lower = expr.Register(&expr.Func{Name: "lower", SQL: []expr.SQL{{Name: "LOWER", Build: oneText("lower")}},
		Doc: "The string in lower case.", Min: 1, Max: 2, Type: giveText,
		Eval: caseEval(lower, unicode.TurkishCase.ToLower, vec.Lower)})
	Upper = expr.Register(&expr.Func{Name: "upper", SQL: []expr.SQL{{Name: "UPPER", Build: oneText("upper")}},
		Doc: "The string in upper case.", Min: 1, Max: 2, Type: giveText,
		Eval: caseEval(upper, unicode.TurkishCase.ToUpper, vec.Upper)})
)

func caseEval(change func(string) string, turkish func(rune) rune, ascii func(out, text []byte)) expr.Eval {
	rows := textEval(func(args []*data.Vec, i int) (string, bool) {
		x := args[0].Str(i)
		if len(args) > 1 && isTurkish(args[1].Str(i)) {
			return wtf8.Map(x, func(x string) string { return changeTurkish(x, turkish, change) }), true
		}
		return wtf8.Map(x, change), true
	}, data.StringType, data.StringType)
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		if len(args) == 1 && isASCII(args[0]) {
			return changed(s, args[0], n, ascii), nil
		}
		return rows(s, args, n)
	}
}

func isTurkish(tag string) bool {
	language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	return language == "tr" || language == "az"
}

// changeTurkish changes each i by one rule and the text between by another.
func changeTurkish(x string, turkish func(rune) rune, change func(string) string) string {
	var out strings.Builder
	for {
		at := strings.IndexAny(x, "iIıİ")
		if at < 0 {
			out.WriteString(change(x))
			return out.String()
		}
		r, size := utf8.DecodeRuneInString(x[at:])
		out.WriteString(change(x[:at]))
		out.WriteRune(turkish(r))
		x = x[at+size:]
	}
}

// manyUpper are the letters whose upper case is several letters.
var manyUpper = map[rune]string{
	0xdf: "SS", 0x149: "\u02bcN", 0x1f0: "J\u030c", 0x390: "\u0399\u0308\u0301", 0x3b0: "\u03a5\u0308\u0301",
	0x587: "\u0535\u0552", 0x1e96: "H\u0331", 0x1e97: "T\u0308", 0x1e98: "W\u030a", 0x1e99: "Y\u030a",
	0x1e9a: "A\u02be", 0x1f50: "\u03a5\u0313", 0x1f52: "\u03a5\u0313\u0300", 0x1f54: "\u03a5\u0313\u0301",
	0x1f56: "\u03a5\u0313\u0342", 0x1fb2: "\u1fba\u0399", 0x1fb3: "\u0391\u0399", 0x1fb4: "\u0386\u0399",
	0x1fb6: "\u0391\u0342", 0x1fb7: "\u0391\u0342\u0399", 0x1fbc: "\u0391\u0399", 0x1fc2: "\u1fca\u0399",
	0x1fc3: "\u0397\u0399", 0x1fc4: "\u0389\u0399", 0x1fc6: "\u0397\u0342", 0x1fc7: "\u0397\u0342\u0399",
	0x1fcc: "\u0397\u0399", 0x1fd2: "\u0399\u0308\u0300", 0x1fd3: "\u0399\u0308\u0301",
	0x1fd6: "\u0399\u0342", 0x1fd7: "\u0399\u0308\u0342", 0x1fe2: "\u03a5\u0308\u0300",
	0x1fe3: "\u03a5\u0308\u0301", 0x1fe4: "\u03a1\u0313", 0x1fe6: "\u03a5\u0342",
	0x1fe7: "\u03a5\u0308\u0342", 0x1ff2: "\u1ffa\u0399", 0x1ff3: "\u03a9\u0399", 0x1ff4: "\u038f\u0399",
	0x1ff6: "\u03a9\u0342", 0x1ff7: "\u03a9\u0342\u0399", 0x1ffc: "\u03a9\u0399", 0xfb00: "FF", 0xfb01: "FI",
	0xfb02: "FL", 0xfb03: "FFI", 0xfb04: "FFL", 0xfb05: "ST", 0xfb06: "ST", 0xfb13: "\u0544\u0546",
	0xfb14: "\u0544\u0535", 0xfb15: "\u0544\u053b", 0xfb16: "\u054e\u0546", 0xfb17: "\u0544\u053d",
}

func upper(x string) string {
	if plainASCII(x) {
		return strings.ToUpper(x)
	}
	var out strings.Builder
	out.Grow(len(x))
	for _, r := range x {
		switch many, ok := manyUpper[r]; {
		case ok:
			out.WriteString(many)
		case r >= 0x1f80 && r <= 0x1faf:
			// Letters with the iota below: capital, then iota. The blocks hold
			// eight small ones, then their eight capitals.
			plain := [...]rune{0x1f08, 0x1f28, 0x1f68}[(r-0x1f80)/16]
			out.WriteRune(plain + r&7)
			out.WriteRune('\u0399')
		default:
			out.WriteRune(unicode.ToUpper(r))
		}
	}
	return out.String()
}

func lower(x string) string {
	if plainASCII(x) || !strings.ContainsAny(x, "İΣ") {
		return strings.ToLower(x)
	}
	var out strings.Builder
	for i, r := range x {
		switch {
		case r == 'İ':
			out.WriteString("i\u0307")
		case r == 'Σ' && finalSigma(x, i):
			out.WriteRune('ς')
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// finalSigma says whether the Σ at i ends a word: letters before, none after.
func finalSigma(x string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(x[:i], unmarked))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(x[i+len("Σ"):], unmarked))
	return cased(before) && !cased(after)
}

func cased(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) }
func unmarked(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Lm) || strings.ContainsRune("'.:·’", r)
}

// oneText is the function of SQL, which knows no language as second argument.
func oneText(name string) func([]expr.Typed) (expr.Expr, error) {
	return func(args []expr.Typed) (expr.Expr, error) {
		if len(args) != 1 {
			return nil, fault.Invalidf("%s takes 1 argument, got %d", strings.ToUpper(name), len(args))
		}
		return expr.NewCall(name, args[0].Expr)
	}
}
