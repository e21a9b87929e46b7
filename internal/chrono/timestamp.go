package chrono

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A TimestampFormat reads the timestamps of input rows. Formats:
//
//	auto    ISO-8601, with a blank for the T and a zone name after a blank, if
//	        need be, or a whole number of milliseconds
//	iso     ISO-8601
//	posix   seconds since 1970     ruby   seconds with a fraction
//	millis  milliseconds           micro  microseconds       nano  nanoseconds
//
// and any pattern of NewPattern, read in UTC.
type TimestampFormat struct {
	name    string
	text    func(s string) (int64, error)
	unit    float64 // ms per unit of a number; 0: numbers are read as text
	decimal bool    // text may have a fraction
}

// countFormats are the formats that count from 1970: ms per unit.
var countFormats = map[string]float64{"posix": msSecond, "millis": 1, "micro": 1e-3, "nano": 1e-6}

// NewTimestampFormat gives a format by its name, in any case, or its pattern.
func NewTimestampFormat(format string) (*TimestampFormat, error) {
	f := &TimestampFormat{name: format, unit: 1}
	name := strings.ToLower(format)
	if unit, ok := countFormats[name]; ok {
		f.unit = unit
		f.text = f.count
		return f, nil
	}
	switch name {
	case "auto", "":
		f.text = parseAuto
	case "iso":
		f.text = parseISO
	case "ruby":
		f.unit, f.decimal = msSecond, true
		f.text = f.count
	default:
		p, err := NewPattern(format, UTC)
		if err != nil {
			return nil, err
		}
		f.unit, f.text = 0, p.Parse
	}
	return f, nil
}

// String is the format's name or pattern.
func (f *TimestampFormat) String() string { return f.name }

// Text reads a timestamp given as text. Blanks and quotes around it do not count.
func (f *TimestampFormat) Text(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && s[0] == '"' && s[n-1] == '"' {
		s = s[1 : n-1]
	}
	return f.text(s)
}

// Long reads a timestamp given as a whole number.
func (f *TimestampFormat) Long(v int64) (int64, error) {
	switch {
	case f.unit == 0:
		return f.text(strconv.FormatInt(v, 10))
	case f.unit >= 1:
		return satMul(v, int64(f.unit)), nil
	}
	return v / int64(math.Round(1/f.unit)), nil
}

// Double reads a timestamp given as a number with a fraction, which only ruby keeps.
func (f *TimestampFormat) Double(v float64) (int64, error) {
	if f.unit == 0 {
		return f.text(strconv.FormatFloat(v, 'f', -1, 64))
	}
	if !f.decimal {
		v = math.Trunc(v)
	}
	ms := v * f.unit
	if math.IsNaN(ms) || math.Abs(ms) >= math.MaxInt64 {
		return 0, fault.Invalidf("timestamp %v is out of range for format %s", v, f.name)
	}
	return int64(ms), nil
}

// count reads text that is a number of units.
func (f *TimestampFormat) count(s string) (int64, error) {
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		return f.Long(v)
	}
	if f.decimal {
		if v, err := strconv.ParseFloat(s, 64); err == nil {
			return f.Double(v)
		}
	}
	return 0, fault.Invalidf("timestamp %q: format %s expects a number", s, f.name)
}

// parseISO also takes milliseconds that are no year.
func parseISO(s string) (int64, error) {
	ms, err := ParseTime(s)
	if err != nil {
		if v, e := strconv.ParseInt(s, 10, 64); e == nil {
			return v, nil
		}
	}
	return ms, err
}

func parseAuto(s string) (int64, error) {
	if s != "" && s[0] != '-' && s[0] != '+' {
		if v, err := strconv.ParseInt(s, 10, 64); err == nil {
			return v, nil
		}
	}
	z := UTC
	if i := strings.LastIndexByte(s, ' '); i > 0 && i+1 < len(s) && isLetter(s[i+1]) {
		named, err := LoadZone(s[i+1:])
		if err != nil {
			return 0, notATime(s)
		}
		s, z = strings.TrimRight(s[:i], " "), named
	}
	return ParseSQLTime(s, z)
}
