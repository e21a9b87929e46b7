package parse

import (
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// units are the units of time, and what else some constructs take from a time.
var units = strings.Fields(`NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DECADE CENTURY MILLENNIUM
	DOW ISODOW DOY ISOYEAR EPOCH`)

var unitNames = func() map[string]string {
	m := map[string]string{"DAYOFWEEK": "DOW", "DAYOFYEAR": "DOY", "SQL_TSI_FRAC_SECOND": "MICROSECOND", "FRAC_SECOND": "MICROSECOND"}
	for i, u := range units {
		m[u] = u
		m["SQL_TSI_"+u] = u
		if i < len(units)-5 { // DOW and the following have no plural
			m[u+"S"] = u
		}
	}
	m["CENTURIES"] = "CENTURY"
	return m
}()

func isUnit(word string) bool { return unitNames[upper(word)] != "" }

// unit parses a unit of time.
func (p *parser) unit() *Unit {
	start := p.pos
	t := p.peek()
	u := &Unit{Name: unitNames[upper(t.text)]}
	if t.kind != tWord || u.Name == "" {
		switch {
		case t.kind == tWord && !t.isReserved():
			p.fail("%s is not a unit of time%s", quote(t.text), fault.Suggest(upper(t.text), units))
		default:
			p.wanted("a unit of time, such as DAY, after " + p.toks[max(p.pos-1, 0)].brief())
		}
		return u
	}
	p.next()
	u.At = p.from(start)
	return u
}
