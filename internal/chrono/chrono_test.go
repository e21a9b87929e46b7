package chrono

import "testing"

func TestSmoke(t *testing.T) {
	in, err := ParseInterval("-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z")
	if err != nil || in != Eternity || in.String() != "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z" {
		t.Fatal(in, err)
	}
}
