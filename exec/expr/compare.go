package expr

// turned are comparisons with their sides exchanged.
var turned = map[string]string{"equals": "equals", "less": "greater", "greater": "less", "lessequal": "greaterequal", "greaterequal": "lessequal"}

// Comparison reads a comparison of a column with a literal, whichever side each
// is on: op is the function's name with the column on the left. ok is false for
// other expressions.
func Comparison(e Expr) (col *Col, op string, lit *Lit, ok bool) {
	c, ok := e.(*Call)
	if !ok || len(c.Args) != 2 || turned[c.Func.Name] == "" {
		return nil, "", nil, false
	}
	op = c.Func.Name
	left, right := c.Args[0], c.Args[1]
	if _, ok := left.(*Col); !ok {
		left, right, op = right, left, turned[op]
	}
	col, isCol := left.(*Col)
	lit, isLit := right.(*Lit)
	return col, op, lit, isCol && isLit
}
