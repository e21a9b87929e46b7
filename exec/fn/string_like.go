package fn

import (
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Like and Ilike match SQL patterns: % is any text, _ any one character, and
// what follows the escape character stands for itself. There is no escape
// character unless one is given.
var (
	Like = expr.Register(&expr.Func{
		Name: "like", Min: 2, Max: 3, Type: giveTruth, Bind: bindLike(false), SQL: []expr.SQL{{Name: "LIKE", Returns: "BOOLEAN"}},
		Doc: "Whether a string matches a pattern: % is any text, _ any character; the third argument is the escape character."})
	Ilike = expr.Register(&expr.Func{
		Name: "ilike", Min: 2, Max: 3, Type: giveTruth, Bind: bindLike(true), SQL: []expr.SQL{{Name: "ILIKE", Returns: "BOOLEAN"}},
		Doc: "Whether a string matches a pattern as LIKE has it, in any case."})
)

func bindLike(fold bool) func(b *expr.Binding) (expr.Eval, error) {
	return func(b *expr.Binding) (expr.Eval, error) {
		text, err := b.Text(2, "the escape character", "")
		if err != nil {
			return nil, err
		}
		escape, size := utf8.DecodeRuneInString(text)
		if size != len(text) {
			return nil, fault.Invalidf("the escape of a pattern must be one character, not %q", text)
		}
		if text == "" {
			escape = -1
		}
		patterns, err := newMemo(b, 1, func(p string) (*LikePattern, error) { return NewLike(p, escape, fold), nil })
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			args = coerced(s, args[:2], data.StringType, data.StringType)
			pattern := patterns.column(args[1])
			if n > 0 && args[1].Const && !args[1].Null(0) {
				if p, err := pattern(0); err == nil && p.inBulk(args[0]) {
					return p.matchBulk(s, args[0], n), nil
				}
			}
			return truthRows(s, args, n, func(i int) (bool, error) {
				p, err := pattern(i)
				if err != nil {
					return false, err
				}
				return p.Match(args[0].Str(i)), nil
			})
		}, nil
	}
}

// A LikePattern is a compiled pattern: pieces with any text between them.
type LikePattern struct {
	pieces []likePiece
	fold   bool
}

// A likePiece matches text without a %: runs of characters, each followed by
// a number of any characters.
type likePiece []likeRun

type likeRun struct {
	text string
	any  int
}

// NewLike compiles a pattern; escape is -1 where there is none. With fold,
// case does not matter.
func NewLike(pattern string, escape rune, fold bool) *LikePattern {
	p := &LikePattern{pieces: []likePiece{nil}, fold: fold}
	if fold {
		pattern = folded(pattern)
		if escape >= 0 {
			escape, _ = utf8.DecodeRuneInString(folded(string(escape)))
		}
	}
	var text strings.Builder
	flush := func(anyChars int) {
		last := &p.pieces[len(p.pieces)-1]
		if anyChars > 0 && text.Len() == 0 && len(*last) > 0 {
			(*last)[len(*last)-1].any += anyChars
			return
		}
		if text.Len() > 0 || anyChars > 0 {
			*last = append(*last, likeRun{text.String(), anyChars})
			text.Reset()
		}
	}
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			text.WriteRune(r)
			escaped = false
		case r == escape:
			escaped = true
		case r == '_':
			flush(1)
		case r == '%':
			flush(0)
			p.pieces = append(p.pieces, nil)
		default:
			text.WriteRune(r)
		}
	}
	flush(0)
	return p
}

// Match says whether the whole of x matches.
func (p *LikePattern) Match(x string) bool {
	if p.fold {
		x = folded(x)
	}
	first, last := p.pieces[0], p.pieces[len(p.pieces)-1]
	n := first.at(x)
	if n < 0 {
		return false
	}
	if len(p.pieces) == 1 {
		return n == len(x)
	}
	x = x[n:]
	for _, piece := range p.pieces[1 : len(p.pieces)-1] {
		_, end := piece.find(x)
		if end < 0 {
			return false
		}
		x = x[end:]
	}
	return last.ends(x)
}

// inBulk says whether the texts of v can be matched together: they lie one
// after the other, and there is a run of characters that all matches have.
func (p *LikePattern) inBulk(v *data.Vec) bool {
	return !p.fold && !v.Const && v.Dict == nil && v.Elem == nil && v.Off != nil && p.needle() != ""
}

// needle is the longest run of characters without a wildcard.
func (p *LikePattern) needle() string {
	out := ""
	for _, piece := range p.pieces {
		for _, run := range piece {
			if len(run.text) > len(out) {
				out = run.text
			}
		}
	}
	return out
}

// matchBulk finds the texts that begin with, or have, what matches must, and
// looks at the rest of the pattern for those only.
func (p *LikePattern) matchBulk(s *data.Scratch, v *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	out.U8, out.Valid = data.MakeZero[uint8](s, n), v.Validity(s)
	first := p.pieces[0]
	if len(first) > 0 && first[0].text != "" {
		vec.Prefixed(out.U8, v.Off[:n+1], v.Bytes, []byte(first[0].text))
		if len(p.pieces) == 2 && len(first) == 1 && first[0].any == 0 && len(p.pieces[1]) == 0 {
			return out
		}
	} else {
		needle := p.needle()
		vec.Contains(out.U8, v.Off[:n+1], v.Bytes, []byte(needle))
		if len(p.pieces) == 3 && len(first)+len(p.pieces[2]) == 0 && len(p.pieces[1]) == 1 && p.pieces[1][0].any == 0 {
			return out
		}
	}
	for i, maybe := range out.U8 {
		if maybe != 0 && !p.Match(v.Str(i)) {
			out.U8[i] = 0
		}
	}
	return out
}

// at is the length that the piece matches at the start of x; -1 if it does not.
func (p likePiece) at(x string) int {
	n := 0
	for _, run := range p {
		if !strings.HasPrefix(x[n:], run.text) {
			return -1
		}
		n += len(run.text)
		for range run.any {
			if n == len(x) {
				return -1
			}
			_, size := wtf8.DecodeRune(x[n:])
			n += size
		}
	}
	return n
}

// find is the first place in x that the piece matches; end is -1 if none does.
func (p likePiece) find(x string) (start, end int) {
	if len(p) == 0 {
		return 0, 0
	}
	for start <= len(x) {
		skip := strings.Index(x[start:], p[0].text)
		if skip < 0 {
			return 0, -1
		}
		start += skip
		if n := p.at(x[start:]); n >= 0 {
			return start, start + n
		}
		_, size := wtf8.DecodeRune(x[start:])
		start += max(size, 1)
	}
	return 0, -1
}

// ends says whether the piece matches the end of x.
func (p likePiece) ends(x string) bool {
	start := len(x)
	for i := len(p) - 1; i >= 0; i-- {
		for range p[i].any {
			if start == 0 {
				return false
			}
			_, size := wtf8.DecodeLastRune(x[:start])
			start -= size
		}
		if !strings.HasSuffix(x[:start], p[i].text) {
			return false
		}
		start -= len(p[i].text)
	}
	return true
}

// Prefix is the text that every match begins with, and whether that text is
// all that a match may be.
func (p *LikePattern) Prefix() (text string, exact bool) {
	first := p.pieces[0]
	if p.fold || len(first) == 0 {
		return "", !p.fold && len(p.pieces) == 1
	}
	return first[0].text, len(p.pieces) == 1 && len(first) == 1 && first[0].any == 0
}
