package planner

// A ScanLocator is a Locator that looks at all of a scan, so that it can leave
// out slices none of whose rows pass the filter. It leaves out none of a scan
// that is Whole.
type ScanLocator interface {
	Locator
	LocateScan(s *Scan) ([]Target, error)
}

// locate gives what a scan is to read.
func locate(loc Locator, s *Scan) ([]Target, error) {
	if l, ok := loc.(ScanLocator); ok {
		return l.LocateScan(s)
	}
	return loc.Locate(s.Source, s.Intervals)
}
