package fn

import "github.com/ovatedb/ovate/internal/fault"

// badValue is the error of an argument of the right type that has a value which
// the function refuses. Clients know it by the code that Druid gives what it
// finds out only by evaluating.
func badValue(format string, args ...any) error {
	err := fault.Invalidf(format, args...)
	err.Code = "general"
	return err
}
