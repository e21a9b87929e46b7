package planner

import "github.com/ovatedb/ovate/internal/chrono"

// Statistics tells about how much a source holds, for rules that choose between
// plans of the same answer. What it says may be wrong, never an error.
type Statistics interface {
	// Held is what the rows in some intervals hold; false: nothing is known.
	Held(source string, in []chrono.Interval) (Held, bool)
}

// Held is about how many rows there are, and what their columns hold.
type Held struct {
	Rows    float64
	Columns map[string]ColumnHeld
}

// ColumnHeld is about how many different values a column has and, of numbers,
// between which bounds.
type ColumnHeld struct {
	Distinct    float64
	Least, Most float64
	Ranged      bool // Least and Most are known
}
