package format

import (
	"regexp"
	"strconv"

	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	formats.Add("lines", new(wholeLines))
	formats.Add("regex", &matched{})
}

// wholeLines is rows with one field, line.
type wholeLines struct{}

// HeadLines is none: every line is a row.
func (*wholeLines) HeadLines() int { return 0 }

// Begin needs nothing of the object.
func (*wholeLines) Begin(_ []byte, want Want) (int, Parser, error) {
	return 0, &lineParser{want: append([]string{"line"}, want.Names...)}, nil
}

// matched is lines that a regular expression takes apart: a field a group.
type matched struct {
	Pattern       string   `json:"pattern"`
	Columns       []string `json:"columns"`
	ListDelimiter string   `json:"listDelimiter"`

	re *regexp.Regexp
}

// Check looks over the members.
func (m *matched) Check() (err error) {
	if m.re, err = regexp.Compile(m.Pattern); err != nil || m.Pattern == "" {
		return fault.At(fault.Invalidf("%q is no regular expression: %v", m.Pattern, err), "pattern")
	}
	if len(m.ListDelimiter) > 1 {
		return fault.At(fault.Invalidf("expected one byte, got %q", m.ListDelimiter), "listDelimiter")
	}
	if m.ListDelimiter == "" {
		m.ListDelimiter = "\x01"
	}
	for i := len(m.Columns); i < m.re.NumSubexp(); i++ {
		m.Columns = append(m.Columns, "column_"+strconv.Itoa(i+1))
	}
	return nil
}

// HeadLines is none: every line is a row.
func (m *matched) HeadLines() int { return 0 }

// Begin needs nothing of the object.
func (m *matched) Begin(_ []byte, want Want) (int, Parser, error) {
	return 0, &lineParser{want: append(append([]string(nil), m.Columns...), want.Names...), m: m}, nil
}

type lineParser struct {
	want []string
	m    *matched // nil: whole lines
}

func (p *lineParser) Parse(block []byte, rows *Rows) {
	rows.reset(block, p.want)
	for at, n := 0, len(block); at < n; {
		line, next := cutLine(rows.Text[:n], at)
		groups := []int{0, len(line), 0, len(line)}
		if p.m != nil {
			groups = p.m.re.FindSubmatchIndex(line)
		}
		if groups == nil {
			rows.bad(line, "the pattern does not match")
			at = next
			continue
		}
		for g := 1; 2*g < len(groups); g++ {
			c := &rows.Cols[rows.at[p.want[g-1]]]
			c.cut(rows.N)
			if lo, hi := groups[2*g], groups[2*g+1]; lo >= 0 && hi > lo {
				c.add(Text, at+lo, at+hi)
			}
		}
		rows.N++
		rows.finish()
		at = next
	}
	if p.m != nil {
		d := delimitedParser{f: &delimited{}, list: p.m.ListDelimiter[0]}
		d.retag(rows, true)
	}
}
