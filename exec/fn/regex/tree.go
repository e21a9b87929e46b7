package regex

// A node is a part of a pattern.
type node interface{}

type (
	// text is characters that stand for themselves.
	text string
	// set is one character out of some.
	set struct{ of runeSet }
	// sequence is its parts one after the other.
	sequence []node
	// choice is the first of its parts that leads to a match.
	choice []node
	// repeat is a part several times; most is -1 for any number.
	repeat struct {
		of          node
		least, most int
		mode        repeatMode
	}
	// group remembers what its part matched; the number counts from 1.
	group struct {
		of     node
		number int
	}
	// again is what a group matched, once more.
	again struct {
		number int
		fold   bool
	}
	// look matches nothing, where its part does or does not match around.
	look struct {
		of           node
		behind, none bool
	}
	// atomic keeps the first match of its part.
	atomic struct{ of node }
	// place matches nothing, in some places.
	place placeKind
)

type repeatMode uint8

const (
	greedy repeatMode = iota
	lazy
	possessive
)

type placeKind uint8

const (
	textStart    placeKind = iota // \A, ^
	textEnd                       // \z
	textLastLine                  // \Z, $: the end, or before the last line's end
	lineStart                     // ^ in (?m)
	lineEnd                       // $ in (?m)
	wordEdge                      // \b
	noWordEdge                    // \B
	searchStart                   // \G
)

// minLength is the least number of bytes that a node matches.
func minLength(n node) int {
	switch n := n.(type) {
	case text:
		return len(n)
	case set:
		return 1
	case sequence:
		total := 0
		for _, x := range n {
			total += minLength(x)
		}
		return total
	case choice:
		least := minLength(n[0])
		for _, x := range n[1:] {
			least = min(least, minLength(x))
		}
		return least
	case repeat:
		return min(n.least, 1) * minLength(n.of)
	case group:
		return minLength(n.of)
	case atomic:
		return minLength(n.of)
	}
	return 0
}

// nodes is the number of nodes in a tree.
func nodes(n node) int {
	total := 1
	for _, x := range parts(n) {
		total += nodes(x)
	}
	return total
}

func parts(n node) []node {
	switch n := n.(type) {
	case sequence:
		return n
	case choice:
		return n
	case repeat:
		return []node{n.of}
	case group:
		return []node{n.of}
	case look:
		return []node{n.of}
	case atomic:
		return []node{n.of}
	}
	return nil
}
