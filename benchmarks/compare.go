package benchmarks

import (
	"encoding/json"
	"fmt"
	"math"
)

// tolerance is how far doubles may be apart, relative to the larger: sums of the
// same values in another order differ in the last digits.
const tolerance = 1e-9

// differs says where got is not want; "" if nowhere.
func differs(want, got json.RawMessage, order Order) string {
	var w, g []any
	if err := json.Unmarshal(want, &w); err != nil {
		return err.Error()
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return fmt.Sprintf("want rows, got %.200s", got)
	}
	if len(w) != len(g) {
		return fmt.Sprintf("want %d rows, got %d", len(w), len(g))
	}
	switch {
	case order == 0:
		return compare("", w, g)
	case order == AnyOrder:
		return sameRows(0, w, g)
	}
	return byColumn(int(order)-1, w, g)
}

// byColumn compares rows that are ordered by one column. Rows that are equal
// there may come in any order, and of the last of these, which a limit may have
// cut, any may come.
func byColumn(column int, want, got []any) string {
	at := func(rows []any, i int) any {
		if row, ok := rows[i].([]any); ok && column < len(row) {
			return row[column]
		}
		return nil
	}
	begin := 0
	for i := range want {
		if d := compare(fmt.Sprintf("[%d][%d]", i, column), at(want, i), at(got, i)); d != "" {
			return d
		}
		if compare("", at(want, begin), at(want, i)) != "" {
			if d := sameRows(begin, want[begin:i], got[begin:i]); d != "" {
				return d
			}
			begin = i
		}
	}
	return ""
}

// sameRows compares rows in any order; first is the number of the first.
func sameRows(first int, want, got []any) string {
	used := make([]bool, len(got))
next:
	for i, w := range want {
		for j, g := range got {
			if !used[j] && compare("", w, g) == "" {
				used[j] = true
				continue next
			}
		}
		return fmt.Sprintf("[%d]: want %v among rows %d to %d, which are other ones", first+i, w, first, first+len(got)-1)
	}
	return ""
}

func compare(at string, want, got any) string {
	switch w := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: want %d values, got %v", at, len(w), got)
		}
		for i := range w {
			if d := compare(fmt.Sprintf("%s[%d]", at, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: want %d members, got %v", at, len(w), got)
		}
		for k := range w {
			if _, there := g[k]; !there {
				return fmt.Sprintf("%s: want a member %s, got %v", at, k, got)
			}
			if d := compare(at+"."+k, w[k], g[k]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		g, ok := got.(float64)
		if ok && math.Abs(w-g) <= tolerance*max(math.Abs(w), math.Abs(g)) {
			return ""
		}
	default: // a string, a truth value, null
		if _, no := got.([]any); no {
			break
		}
		if _, no := got.(map[string]any); !no && want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: want %v, got %v", at, want, got)
}
