package conformance

import (
	"os"
	"regexp"
	"testing"

	"github.com/ovatedb/ovate/server/single"
)

// TestReadme asks the README's questions; the answers must be the README's.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```sh\ncurl -s http://127.0.0.1:8888(\\S+) [^\n]*?-d '([^\n]*)'\n```\n```json\n(.*?)\n```").FindAllSubmatch(text, -1)
	if len(examples) < 5 {
		t.Fatalf("the README has %d examples, expected 5", len(examples))
	}
	n := recorded(t, single.Config{})
	for _, e := range examples {
		kind := "sql"
		if string(e[1]) == path("native") {
			kind = "native"
		}
		_, got := n.ask(kind, e[2])
		if !same(parseJSON(e[3]), parseJSON(got), 0) {
			t.Errorf("%s\n\texpected %s\n\tgot      %s", e[2], e[3], got)
		}
	}
}
