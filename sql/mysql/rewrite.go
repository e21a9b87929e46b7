package mysql

import "strings"

// keywords are the words that the grammar of queries needs. All others are
// given to it in backquotes, so that what it reserves beyond MySQL, or knows
// as a type or a function with a form of its own, is a name.
var keywords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`select distinct all from where group by having order asc desc limit as and or not in is null true
		false between like escape regexp rlike exists case when then else end interval join left right inner outer cross natural
		straight_join on using union div mod binary collate convert group_concat separator for update lock use ignore force index
		key partition current_timestamp current_date current_time localtime localtimestamp utc_timestamp utc_date utc_time
		sql_cache sql_no_cache values with xor over full intersect except`) {
		m[w] = true
	}
	return m
}()

// called are the keywords that are functions before a parenthesis.
var called = map[string]bool{"left": true, "right": true, "mod": true}

// endsOperand says whether an operand ends here, so that a word behind it is
// an operator.
func (t *token) endsOperand() bool {
	return t.kind == tString || t.kind == tNumber || t.kind == tQuoted || t.isOp(")") || t.isOp("?") || t.kind == tWord && !keywords[t.word()] ||
		t.isWord("null") || t.isWord("true") || t.isWord("false") || t.isWord("end")
}

// A rewriting is the text for the grammar, and where its pieces come from.
type rewriting struct {
	pieces []piece
}

type piece struct {
	text string
	from *token
}

func (r *rewriting) put(from *token, text string) { r.pieces = append(r.pieces, piece{text, from}) }

func (r *rewriting) text() string {
	var b strings.Builder
	for _, p := range r.pieces {
		b.WriteString(p.text)
		b.WriteByte(' ')
	}
	return b.String()
}

// near is the token that the grammar had read last at a position of the text.
func (r *rewriting) near(position int) *token {
	at := 0
	last := r.pieces[0].from
	for _, p := range r.pieces {
		if at >= position-1 && at > 0 {
			break
		}
		last = p.from
		at += len(p.text) + 1
	}
	return last
}

// rewrite gives the grammar what it reads as it is meant.
func rewrite(toks []token) *rewriting {
	w := &rewriter{toks: toks, r: &rewriting{}}
	for w.i < len(toks) && toks[w.i].kind != tEnd {
		w.one()
	}
	end := &toks[len(toks)-1]
	w.r.put(end, "")
	return w.r
}

// A rewriter goes through tokens. Forms of functions that the grammar lacks
// become calls with commas: swap says by which texts tokens further on are
// replaced.
type rewriter struct {
	toks []token
	i    int
	r    *rewriting
	swap map[int]string
}

func (w *rewriter) one() {
	t := &w.toks[w.i]
	w.i++
	if text, ok := w.swap[w.i-1]; ok {
		if text != "" {
			w.r.put(t, text)
		}
		return
	}
	switch t.kind {
	case tString:
		w.r.put(t, encoded(t.text))
	case tQuoted:
		w.r.put(t, backquoted(t.text))
	case tWord:
		w.word(t)
	default:
		w.r.put(t, t.text)
	}
}

func (w *rewriter) word(t *token) {
	word := t.word()
	next := &token{}
	if w.i < len(w.toks) {
		next = &w.toks[w.i]
	}
	if next.isOp("(") {
		if form := forms[word]; form != nil && form(w, t) {
			return
		}
		if !keywords[word] || called[word] && !(word == "mod" && w.afterOperand()) {
			w.r.put(t, backquoted(strings.ToLower(t.text)))
			return
		}
	}
	if next.kind == tString && typedLiterals[word] != "" && !w.afterPoint() {
		w.r.put(t, typedLiterals[word])
		w.r.put(t, "(")
		w.r.put(next, encoded(next.text))
		w.r.put(next, ")")
		w.i++
		return
	}
	if keywords[word] && !w.afterPoint() || w.contextual(word) {
		w.r.put(t, word)
		return
	}
	if strings.HasPrefix(word, "_") && next.kind == tString {
		return // the character set of a string
	}
	w.r.put(t, backquoted(t.text))
}

// contextual says whether a word that may be a name is a keyword here.
func (w *rewriter) contextual(word string) bool {
	if w.i < 2 {
		return false
	}
	before := &w.toks[w.i-2]
	switch word {
	case "offset":
		return (before.kind == tNumber || before.isOp("?")) && w.i >= 3 && w.toks[w.i-3].isWord("limit")
	case "share":
		return before.isWord("in")
	case "mode":
		return before.isWord("share")
	}
	return false
}

func (w *rewriter) afterOperand() bool { return w.i >= 2 && w.toks[w.i-2].endsOperand() }
func (w *rewriter) afterPoint() bool   { return w.i >= 2 && w.toks[w.i-2].isOp(".") }

// encoded is a string as the grammar's lexer decodes it again.
func encoded(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, "\x00", `\0`).Replace(s) + "'"
}

func backquoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
