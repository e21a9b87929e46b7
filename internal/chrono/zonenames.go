package chrono

import (
	_ "embed"
	"strings"
	"sync"
)

// zoneNamesText holds a line per set of English names:
//
//	short|long|short in summer|long in summer<TAB>zone zone ...
//
//go:embed zonenames.txt
var zoneNamesText string

// zoneNames are the display names of a zone; those of summer are empty where
// there is none.
type zoneNames struct{ short, long, summerShort, summerLong string }

var zoneNameTable = sync.OnceValue(func() map[string]*zoneNames {
	table := map[string]*zoneNames{}
	for line := range strings.Lines(zoneNamesText) {
		text, ids, _ := strings.Cut(strings.TrimSpace(line), "\t")
		f := strings.Split(text+"|||", "|")
		names := &zoneNames{f[0], f[1], f[2], f[3]}
		for _, id := range strings.Fields(ids) {
			table[id] = names
		}
	}
	return table
})

// displayName is the zone's English name at an instant; zones without one
// show their offset.
func (z *Zone) displayName(ms int64, long bool) string {
	if names := zoneNameTable()[z.name]; names != nil {
		// Which half of a year is "summer" is a matter of taste (in Ireland of
		// law), so the abbreviation decides where it can.
		abbr, summer := z.Abbreviation(ms)
		if abbr == names.summerShort || summer && abbr != names.short {
			return pick(long, names.summerLong, names.summerShort)
		}
		return pick(long, names.long, names.short)
	}
	if abbr, _ := z.Abbreviation(ms); abbr != "" && isLetter(abbr[0]) {
		return abbr
	}
	return string(appendOffset(nil, z.Offset(ms), true))
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
