package sketch

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// golden runs f on each line of testdata/name, a JSON object. The files hold
// what Apache DataSketches for Java 4.2.0 and Druid 33.0.0 gave for the same
// steps; testdata/README.md tells how they were made.
func golden[T any](t *testing.T, name string, f func(t *testing.T, line int, want T)) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in, n := bufio.NewScanner(file), 0
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var want T
		if n++; len(in.Bytes()) == 0 {
			continue
		}
		if err := json.Unmarshal(in.Bytes(), &want); err != nil {
			t.Fatalf("%s:%d: %v", name, n, err)
		}
		f(t, n, want)
	}
	if n == 0 || in.Err() != nil {
		t.Fatalf("%s: %d lines, %v", name, n, in.Err())
	}
}

// near tells whether two numbers agree to nine digits, or are both NaN.
func near(a, b float64) bool {
	return a == b || a != a && b != b || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

var (
	negativeZero = math.Copysign(0, -1)
	someNaN      = math.Float64frombits(0xfff8000000000123)
)
