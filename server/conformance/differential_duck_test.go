package conformance

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// A duck is a process that answers with DuckDB.
type duck struct {
	in  io.Writer
	out *bufio.Reader
}

func startDuck(t *testing.T) *duck {
	cmd := exec.Command(*duckdb, "testdata/duck.py")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = testLog{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error("DuckDB did not end well:", err)
		}
	})
	return &duck{in, bufio.NewReaderSize(out, 1<<20)}
}

func (d *duck) send(request any) ([]byte, error) {
	if _, err := d.in.Write(append(must(json.Marshal(request)), '\n')); err != nil {
		return nil, err
	}
	return d.out.ReadBytes('\n')
}

// A duckAnswer is rows, or what DuckDB says instead.
type duckAnswer struct {
	Rows  json.RawMessage
	Error string
}

// ask answers several queries in one go: the way there and back costs more
// than most of them.
func (d *duck) ask(queries []string) []duckAnswer {
	var out struct{ Answers []duckAnswer }
	line, err := d.send(map[string]any{"sql": queries})
	if err == nil {
		err = json.Unmarshal(line, &out)
	}
	if err != nil || len(out.Answers) != len(queries) {
		out.Answers = make([]duckAnswer, len(queries))
		for i := range out.Answers {
			out.Answers[i].Error = "the process failed"
			if err != nil {
				out.Answers[i].Error += ": " + err.Error()
			}
		}
	}
	return out.Answers
}

// load reads the rows of a table from its file in dir.
func (d *duck) load(t *testing.T, tab *table, dir string) {
	line, err := d.send(map[string]any{"table": tab.name, "columns": tab.columns, "file": filepath.Join(dir, tab.name+".json")})
	if err != nil || string(line) != "{}\n" {
		t.Fatal("DuckDB: ", tab.name, " ", err, " ", string(line))
	}
}
