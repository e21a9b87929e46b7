package mysql

import "strings"

// Names of calls that stand for forms which the grammar lacks. No function has
// a colon in its name.
const (
	callCast    = ":cast"
	callExtract = ":extract"
	callTrim    = ":trim"
)

// typedLiterals are the words that make a literal of the string after them,
// which the grammar reads as a column and its alias.
var typedLiterals = map[string]string{"date": "`:date`", "time": "`:time`", "timestamp": "`:timestamp`"}

// forms rewrite calls with words among their arguments. They stand at the
// parenthesis; false: the call has no such words.
var forms = map[string]func(w *rewriter, t *token) bool{
	"cast":          castForm((*token).isWord, "as"),
	"convert":       castForm((*token).isOp, ","),
	"extract":       extractForm,
	"trim":          trimForm,
	"substring":     wordsForm("substring", "from", "for"),
	"substr":        wordsForm("substring", "from", "for"),
	"mid":           wordsForm("substring", "from", "for"),
	"position":      wordsForm("locate", "in"),
	"timestampadd":  unitForm,
	"timestampdiff": unitForm,
}

// inside are the indexes of the tokens in the parentheses that open at w.i, at
// their own level, and of the one that closes them; -1: none does.
func (w *rewriter) inside() (own []int, end int) {
	depth := 0
	for i := w.i; i < len(w.toks); i++ {
		switch t := &w.toks[i]; {
		case t.isOp("("):
			depth++
		case t.isOp(")"):
			if depth--; depth == 0 {
				return own, i
			}
		case depth == 1:
			own = append(own, i)
		}
	}
	return nil, -1
}

func (w *rewriter) replace(i int, text string) {
	if w.swap == nil {
		w.swap = map[int]string{}
	}
	w.swap[i] = text
}

// castForm makes CAST(x AS type) and CONVERT(x, type) calls with the type's
// text.
func castForm(is func(*token, string) bool, before string) func(*rewriter, *token) bool {
	return func(w *rewriter, t *token) bool {
		own, end := w.inside()
		for k := len(own) - 1; k >= 0; k-- {
			i := own[k]
			if !is(&w.toks[i], before) || i+1 >= end {
				continue
			}
			var words []string
			for j := i + 1; j < end; j++ {
				words = append(words, w.toks[j].text)
				w.replace(j, "")
			}
			w.replace(i, ", "+encoded(strings.ToLower(strings.Join(words, " "))))
			w.r.put(t, backquoted(callCast))
			return true
		}
		return false
	}
}

// extractForm makes EXTRACT(unit FROM x) a call with the unit's text.
func extractForm(w *rewriter, t *token) bool {
	own, _ := w.inside()
	if len(own) < 3 || !w.toks[own[1]].isWord("from") || w.toks[own[0]].kind != tWord {
		return false
	}
	w.replace(own[0], encoded(strings.ToUpper(w.toks[own[0]].text)))
	w.replace(own[1], ",")
	w.r.put(t, backquoted(callExtract))
	return true
}

// unitForm makes the unit of TIMESTAMPADD(unit, n, x) a string.
func unitForm(w *rewriter, t *token) bool {
	own, _ := w.inside()
	if len(own) < 2 || w.toks[own[0]].kind != tWord || !w.toks[own[1]].isOp(",") {
		return false
	}
	w.replace(own[0], encoded(strings.ToUpper(w.toks[own[0]].text)))
	w.r.put(t, backquoted(t.word()))
	return true
}

// trimForm makes TRIM([side] [chars] FROM x) a call of side, chars and x.
func trimForm(w *rewriter, t *token) bool {
	own, _ := w.inside()
	from := -1
	for _, i := range own {
		if w.toks[i].isWord("from") {
			from = i
		}
	}
	if from < 0 {
		return false
	}
	first, side := w.i+1, "both"
	if s := w.toks[first].word(); s == "both" || s == "leading" || s == "trailing" {
		side = s
		w.replace(first, "")
		first++
	}
	chars := ""
	if first == from {
		chars = encoded(" ") + ","
	}
	w.replace(from, or(chars, ","))
	w.replace(w.i, "( "+encoded(side)+" ,")
	w.r.put(t, backquoted(callTrim))
	return true
}

// wordsForm puts commas for words between the arguments.
func wordsForm(name string, words ...string) func(*rewriter, *token) bool {
	return func(w *rewriter, t *token) bool {
		own, _ := w.inside()
		for _, i := range own {
			for _, word := range words {
				if w.toks[i].isWord(word) {
					w.replace(i, ",")
				}
			}
		}
		w.r.put(t, backquoted(name))
		return true
	}
}
