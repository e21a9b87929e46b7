package server

import (
	"strings"
	"testing"
	"time"
)

func TestSecret(t *testing.T) {
	s := Secret("between us")
	good := s.Sign("order", "a", "b")
	for _, c := range []struct {
		name      string
		by        Secret
		signature string
		parts     []string
		want      string // in the error; "": it is good
	}{
		{"good", s, good, []string{"order", "a", "b"}, ""},
		{"other parts", s, good, []string{"order", "a", "c"}, "something else"},
		{"cut elsewhere", s, good, []string{"order", "ab"}, "something else"},
		{"other secret", "x", good, []string{"order", "a", "b"}, "another secret"},
		{"none", s, "", []string{"order", "a", "b"}, "not signed"},
		{"other time", s, "1" + good, []string{"order", "a", "b"}, "something else"},
		{"noise", s, "noise", nil, "something else"},
		{"nobody has a secret", "", "", []string{"order"}, ""},
	} {
		err := c.by.Check(c.signature, time.Minute, c.parts...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	old := "1000." + s.code("1000", []string{"order"})
	if err := s.Check(old, time.Hour, "order"); err == nil || !strings.Contains(err.Error(), "clocks") {
		t.Errorf("an old signature: %v", err)
	}
	if Secret("").Sign("x") != "" {
		t.Error("no secret signs")
	}
}
