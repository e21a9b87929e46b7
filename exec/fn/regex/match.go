package regex

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/internal/wtf8"
)

// maxSteps bounds the work on one text.
const maxSteps = 20_000_000

// A step matches the rest of the pattern from a place on; it is a node and
// all that follows it.
type step func(m *machine, at int) bool

// A machine matches by backtracking.
type machine struct {
	start  step
	first  string // what every match begins with
	s      string
	groups []int
	from   int // where the search began
	whole  bool
	end    int
	counts []loopState
	steps  int
	depth  int // of calls, roughly
}

// maxDepth bounds the stack: rounds of a loop are calls within calls.
const maxDepth = 300_000

// loopState is where a loop stands: rounds done, and where the last began.
type loopState struct{ rounds, at int }

func newMachine(tree node, groups int) *machine {
	m := &machine{groups: make([]int, 2*(groups+1))}
	m.start = m.compile(tree, func(m *machine, at int) bool {
		m.end = at
		return !m.whole || at == len(m.s)
	})
	m.first = prefix(tree)
	return m
}

// prefix is text that a match has to begin with.
func prefix(n node) string {
	switch n := n.(type) {
	case text:
		return string(n)
	case sequence:
		if len(n) > 0 {
			return prefix(n[0])
		}
	case group:
		return prefix(n.of)
	case atomic:
		return prefix(n.of)
	}
	return ""
}

// find gives the groups of the first match from a place on, or nil; ok is
// false when the steps are used up. With whole, the match must be all of s.
func (m *machine) find(s string, from int, whole bool) (groups []int, ok bool) {
	m.s, m.from, m.whole, m.steps, m.depth = s, from, whole, 0, 0
	for at := from; at <= len(s); {
		skip := strings.Index(s[at:], m.first)
		if skip < 0 || whole && skip > 0 {
			return nil, true
		}
		at += skip
		for i := range m.groups {
			m.groups[i] = -1
		}
		if m.start(m, at) && m.steps < maxSteps {
			m.groups[0], m.groups[1] = at, m.end
			return slices.Clone(m.groups), true
		}
		if m.steps >= maxSteps {
			return nil, false
		}
		if whole {
			return nil, true
		}
		_, size := wtf8.DecodeRune(s[at:])
		at += max(size, 1)
	}
	return nil, true
}

// spent counts a step. With none left everything fails at once.
func (m *machine) spent() bool {
	m.steps++
	return m.steps >= maxSteps
}

func (m *machine) compile(n node, next step) step {
	switch n := n.(type) {
	case text:
		t := string(n)
		return func(m *machine, at int) bool {
			return strings.HasPrefix(m.s[at:], t) && !m.spent() && next(m, at+len(t))
		}
	case set:
		return func(m *machine, at int) bool {
			size := n.of.at(m.s, at)
			return size > 0 && !m.spent() && next(m, at+size)
		}
	case sequence:
		for _, x := range slices.Backward(n) {
			next = m.compile(x, next)
		}
	case choice:
		branches := make([]step, len(n))
		for i, x := range n {
			branches[i] = m.compile(x, next)
		}
		return func(m *machine, at int) bool {
			for _, b := range branches {
				if b(m, at) {
					return true
				}
			}
			return false
		}
	case repeat:
		return m.compileRepeat(n, next)
	case group:
		return m.compileGroup(n, next)
	case again:
		return func(m *machine, at int) bool { return n.match(m, at, next) }
	case look:
		return m.compileLook(n, next)
	case atomic:
		return m.compileAtomic(n.of, next)
	case place:
		return func(m *machine, at int) bool { return m.isAt(placeKind(n), at) && next(m, at) }
	}
	return next
}

// at is the size of the character at a place if the set has it, else 0.
func (s runeSet) at(text string, at int) int {
	if at == len(text) {
		return 0
	}
	r, size := wtf8.DecodeRune(text[at:])
	if !s.has(r) {
		return 0
	}
	return size
}

func (m *machine) compileGroup(n group, next step) step {
	slot := 2 * n.number
	// The start is kept aside until the end is known, for references inside.
	begun := m.newLoop()
	inner := m.compile(n.of, func(m *machine, at int) bool {
		lo, hi := m.groups[slot], m.groups[slot+1]
		m.groups[slot], m.groups[slot+1] = m.counts[begun].at, at
		if next(m, at) {
			return true
		}
		m.groups[slot], m.groups[slot+1] = lo, hi
		return false
	})
	return func(m *machine, at int) bool {
		before := m.counts[begun]
		m.counts[begun].at = at
		if inner(m, at) {
			return true
		}
		m.counts[begun] = before
		return false
	}
}

func (m *machine) newLoop() int {
	m.counts = append(m.counts, loopState{})
	return len(m.counts) - 1
}

func (n again) match(m *machine, at int, next step) bool {
	if 2*n.number+1 >= len(m.groups) || m.groups[2*n.number] < 0 {
		return false
	}
	want := m.s[m.groups[2*n.number]:m.groups[2*n.number+1]]
	if at+len(want) > len(m.s) {
		return false
	}
	got := m.s[at : at+len(want)]
	if got != want && !(n.fold && strings.EqualFold(got, want)) {
		return false
	}
	return !m.spent() && next(m, at+len(want))
}

// accept ends what is matched on its own.
func accept(m *machine, at int) bool {
	m.end = at
	return true
}

func (m *machine) compileAtomic(of node, next step) step {
	inner := m.compile(of, accept)
	return func(m *machine, at int) bool {
		before := slices.Clone(m.groups)
		if inner(m, at) && next(m, m.end) {
			return true
		}
		copy(m.groups, before)
		return false
	}
}

func (m *machine) compileLook(n look, next step) step {
	target := m.newLoop()
	inner := m.compile(n.of, accept)
	if n.behind {
		inner = m.compile(n.of, func(m *machine, at int) bool { return at == m.counts[target].at })
	}
	least := minLength(n.of)
	return func(m *machine, at int) bool {
		before := slices.Clone(m.groups)
		found := false
		if !n.behind {
			found = inner(m, at)
		} else {
			was := m.counts[target]
			m.counts[target].at = at
			for start := at - least; start >= 0 && !found && !m.spent(); start-- {
				if start == len(m.s) || utf8.RuneStart(m.s[start]) {
					found = inner(m, start)
				}
			}
			m.counts[target] = was
		}
		if found == n.none {
			copy(m.groups, before)
			return false
		}
		if n.none {
			copy(m.groups, before)
		}
		if next(m, at) {
			return true
		}
		copy(m.groups, before)
		return false
	}
}

// isAt says whether a place is one of a kind.
func (m *machine) isAt(k placeKind, at int) bool {
	rest := m.s[at:]
	before, _ := wtf8.DecodeLastRune(m.s[:at])
	after, _ := wtf8.DecodeRune(rest)
	ends := at < len(m.s) && isLineEnd(after) && !(before == '\r' && after == '\n' && at > 0)
	switch k {
	case textStart:
		return at == 0
	case textEnd:
		return rest == ""
	case textLastLine:
		return rest == "" || ends && (rest == "\r\n" || len(rest) == utf8.RuneLen(after))
	case lineStart:
		return at == 0 || rest != "" && isLineEnd(before) && !(before == '\r' && after == '\n')
	case lineEnd:
		return rest == "" || ends
	case searchStart:
		return at == m.from
	}
	edge := (at > 0 && isWord(before)) != (rest != "" && isWord(after))
	return edge == (k == wordEdge)
}

// compileRepeat: repetitions of one character are counted in a loop, others
// go round through the steps.
func (m *machine) compileRepeat(n repeat, next step) step {
	if n.most < 0 {
		n.most = math.MaxInt
	}
	if n.mode == possessive {
		n.mode = greedy
		inner := n
		if n.most == math.MaxInt {
			inner.most = -1
		}
		return m.compileAtomic(inner, next)
	}
	if s, ok := n.of.(set); ok {
		return repeatSet(s.of, n, next)
	}
	loop, size := m.newLoop(), 2+nodes(n.of)
	var again step
	body := m.compile(n.of, func(m *machine, at int) bool { return again(m, at) })
	again = func(m *machine, at int) bool {
		state := m.counts[loop]
		round := func() bool {
			// A round that matched nothing is not followed by another.
			if state.rounds >= n.most || state.rounds > n.least && state.at == at || m.spent() {
				return false
			}
			if m.depth += size; m.depth > maxDepth {
				m.steps = maxSteps
				return false
			}
			m.counts[loop] = loopState{state.rounds + 1, at}
			ok := body(m, at)
			m.depth -= size
			if !ok {
				m.counts[loop] = state
			}
			return ok
		}
		if n.mode == greedy && round() {
			return true
		}
		if state.rounds >= n.least && next(m, at) {
			return true
		}
		return n.mode == lazy && round()
	}
	return func(m *machine, at int) bool {
		before := m.counts[loop]
		m.counts[loop] = loopState{0, -1}
		if again(m, at) {
			return true
		}
		m.counts[loop] = before
		return false
	}
}

func repeatSet(s runeSet, n repeat, next step) step {
	return func(m *machine, at int) bool {
		rounds, end := 0, at
		forward := func(most int) {
			for rounds < most {
				size := s.at(m.s, end)
				if size == 0 || m.spent() {
					return
				}
				end += size
				rounds++
			}
		}
		if n.mode == lazy {
			for forward(n.least); rounds >= n.least && !m.spent(); {
				if next(m, end) {
					return true
				}
				was := rounds
				if forward(min(n.most, rounds+1)); rounds == was {
					return false
				}
			}
			return false
		}
		for forward(n.most); rounds >= n.least && !m.spent(); rounds-- {
			if next(m, end) {
				return true
			}
			if rounds == 0 {
				return false
			}
			_, size := wtf8.DecodeLastRune(m.s[:end])
			end -= size
		}
		return false
	}
}
