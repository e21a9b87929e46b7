package expr

// Volatile says whether e may give something else for the same row next time.
func Volatile(e Expr) bool {
	switch e := e.(type) {
	case *Lambda:
		return Volatile(e.Body)
	case *Call:
		for _, a := range e.Args {
			if Volatile(a) {
				return true
			}
		}
		return e.Func.Volatile
	}
	return false
}
