package mysql

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/sql/parse"
)

var rewriteFlag = flag.Bool("rewrite", false, "write what the statements give into testdata")

// readCases reads statements, each with "----" and its tree in the Druid
// dialect, or the error. Blank lines part them.
func readCases(t testing.TB, path string) (out [][2]string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimSpace(string(b)), "\n\n") {
		in, want, _ := strings.Cut(block, "\n----\n")
		out = append(out, [2]string{in, want})
	}
	return out
}

func TestStatements(t *testing.T) {
	const path = "testdata/statements.txt"
	cases := readCases(t, path)
	if len(cases) < 60 {
		t.Errorf("%d statements: expected 60", len(cases))
	}
	var out []string
	for _, c := range cases {
		got := tree(t, c[0])
		out = append(out, fmt.Sprintf("%s\n----\n%s", c[0], got))
		if got != c[1] && !*rewriteFlag {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", c[0], got, c[1])
		}
	}
	if *rewriteFlag {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// tree is a statement in the Druid dialect, which must read it as the same, or
// the error.
func tree(t *testing.T, text string) string {
	st, err := Parse(text)
	if err != nil {
		return "error: " + err.Error()
	}
	got := st.String()
	again, err := parse.Parse(got)
	switch {
	case err != nil:
		t.Errorf("%s\nis no statement of the Druid dialect: %v\n%s", text, err, got)
	case again.String() != got || !parse.EqualStatements(st, again):
		t.Errorf("%s\nis\n%s\nand read again another tree\n%s", text, got, again)
	}
	return got
}

// FuzzParse wants a tree that can be walked and written, or an error.
func FuzzParse(f *testing.F) {
	for _, c := range readCases(f, "testdata/statements.txt") {
		f.Add(c[0])
	}
	f.Fuzz(func(t *testing.T, text string) {
		st, err := Parse(text)
		if err != nil {
			return
		}
		if st.Body != nil {
			parse.Walk(st.Body, func(parse.Node) bool { return true })
		}
		if got := st.String(); got == "" {
			t.Errorf("%q gives a statement without text", text)
		}
	})
}
