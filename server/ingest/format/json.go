package format

// Elements appends the values of a JSON array as strings, nil for null.
func Elements(out [][]byte, list []byte) ([][]byte, bool) { return out, false }

// PutJSON sets the next cell of c to a JSON value.
func PutJSON(r *Rows, c *Column, text string) {}
