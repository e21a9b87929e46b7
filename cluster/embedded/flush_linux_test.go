package embedded

import (
	"os"
	"testing"
)

func TestAtLeast(t *testing.T) {
	for release, want := range map[string]bool{
		"6.18.44-fc-v595": true, "5.8": true, "5.8.0-rc1": true, "10.0-x": true, "5.7.19": false, "4.18.0-553.el8": false, "": false, "six.1": false,
	} {
		if got := atLeast(release, 5, 8); got != want {
			t.Errorf("%q: %v", release, got)
		}
	}
}

func TestFlushAll(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if all := flushAll(dir); all != nil {
		if err := all(); err != nil {
			t.Error(err)
		}
	}
}
