package parse

// Pos is the place of a node in the text. Line and Column are 1-based and
// Column counts characters; Offset and End are byte offsets, End exclusive.
// The zero Pos is no place: a node that was made, not parsed.
type Pos struct{ Line, Column, Offset, End int }

// Node is any part of the tree.
type Node interface{ Pos() Pos }

// At gives a node its place.
type At struct{ Where Pos }

// Pos is where the node begins and ends.
func (a At) Pos() Pos { return a.Where }
