package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// mostDisputed bounds how often we say that the reference is wrong.
const mostDisputed = 10

// dispute puts our answers into the cases of disputed.jsonl, where the
// reference's are wrong: a line is the id of a case, why, and what we answer
// instead, which is held like any other answer.
func dispute(t testing.TB, cases []recording) {
	file := filepath.Join(testdata, "corpus", "disputed.jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if len(lines) > mostDisputed {
		t.Fatalf("%s has %d cases: %d at most", file, len(lines), mostDisputed)
	}
	for _, line := range lines {
		var d struct {
			ID, Why string
			Ours    json.RawMessage
		}
		if err := json.Unmarshal(line, &d); err != nil || d.Why == "" || d.Ours == nil {
			t.Fatalf("%s: %s: expected an id, why and ours (%v)", file, line, err)
		}
		i := slices.IndexFunc(cases, func(c recording) bool { return c.ID == d.ID })
		switch {
		case i < 0 || cases[i].Why != "":
			t.Fatalf("%s: %s is no case, or is there twice", file, d.ID)
		case cases[i].Status != 200 || cases[i].Quirk != "" || cases[i].verdict(200, d.Ours) == "":
			t.Fatalf("%s: there is nothing to dispute about %s", file, d.ID)
		}
		cases[i].Why, cases[i].Answer = d.Why, d.Ours
	}
}
