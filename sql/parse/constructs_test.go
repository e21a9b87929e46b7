package parse

import (
	_ "embed"
	"strings"
	"testing"
)

//go:embed testdata/constructs.sql
var constructs string

// TestConstructs: each construct parses, and what it is written as parses again
// to the same tree.
func TestConstructs(t *testing.T) {
	n := 0
	for _, line := range strings.Split(constructs, "\n") {
		name, text, ok := strings.Cut(line, " ")
		if !ok || name == "#" {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			s, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if s.Body == nil {
				return // settings only
			}
			again := FormatQuery(s.Body)
			other, err := Parse(again)
			if err != nil {
				t.Fatalf("written as %s: %v", again, err)
			}
			if third := FormatQuery(other.Body); third != again {
				t.Errorf("%s\nis written as %s\nand then as   %s", text, again, third)
			}
		})
	}
	if n != 132 {
		t.Errorf("%d constructs, want 132", n)
	}
}
