package parse

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/fault"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts under testdata give into them")

// block is one case of a script: a command, a text, and what it gives.
//
//	tree | text | error      (the tree; the canonical text; why it cannot be parsed)
//	SELECT 1
//	----
//	Select …
type block struct{ command, input, want string }

// readScript gives the cases of a script, which blank lines part.
func readScript(t testing.TB, path string) []block {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, part := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		head, want, ok := strings.Cut(part+"\n", "\n----\n")
		command, input, ok2 := strings.Cut(head, "\n")
		if !ok || !ok2 {
			t.Fatalf("%s: this block is not command, text, ----, result:\n%s", path, part)
		}
		blocks = append(blocks, block{command, input, strings.TrimSuffix(want, "\n")})
	}
	return blocks
}

func (b block) run() string {
	s, err := Parse(b.input)
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) || e.Line == 0 && e.Kind == fault.Invalid {
			return fmt.Sprintf("NOT A POSITIONED ERROR: %v", err)
		}
		if e.Kind == fault.Invalid {
			return e.Error()
		}
		return fmt.Sprintf("%s (status %d)", e.Error(), e.Status())
	}
	switch b.command {
	case "tree":
		return dump(s)
	case "text":
		return s.String()
	}
	return "NO ERROR: " + s.String()
}

func TestScripts(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txt")
	if len(paths) == 0 {
		t.Fatal("no scripts")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var out strings.Builder
			for _, b := range readScript(t, path) {
				got := b.run()
				fmt.Fprintf(&out, "%s\n%s\n----\n%s\n\n", b.command, b.input, got)
				if got != b.want && !*rewrite {
					t.Errorf("%s %s\ngot:\n%s\nwant:\n%s", b.command, b.input, got, b.want)
				}
			}
			if *rewrite {
				if err := os.WriteFile(path, []byte(strings.TrimSuffix(out.String(), "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// dump draws a tree, a node a line with its place as line:column and the
// number of bytes.
func dump(s *Statement) string {
	var b strings.Builder
	for i := range s.Set {
		draw(&b, "Set", reflect.ValueOf(s.Set[i]), 0)
	}
	if s.Explain != ExplainNone {
		fmt.Fprintf(&b, "Explain %d\n", s.Explain)
	}
	if s.Insert != nil {
		draw(&b, "", reflect.ValueOf(s.Insert), 0)
	}
	if s.Body != nil {
		draw(&b, "", reflect.ValueOf(s.Body), 0)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// draw writes one node: its scalars on its line, its children below.
func draw(b *strings.Builder, label string, v reflect.Value, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	indent := strings.Repeat("  ", depth)
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			draw(b, label, v.Index(i), depth)
		}
		return
	case reflect.Struct:
	default:
		fmt.Fprintf(b, "%s%s %v\n", indent, label, v)
		return
	}
	if label != "" {
		label += " "
	}
	line, below := scalars(v)
	if v.Type() != reflect.TypeFor[Tail]() {
		fmt.Fprintf(b, "%s%s%s%s\n", indent, label, v.Type().Name(), line)
		depth++
	}
	for _, i := range below {
		name := v.Type().Field(i).Name
		if name == "Tail" {
			name = ""
		}
		draw(b, name, v.Field(i), depth)
	}
}

// scalars gives the plain fields of a node as text, and the indexes of the
// others.
func scalars(v reflect.Value) (line string, below []int) {
	for i := range v.NumField() {
		f, x := v.Type().Field(i), v.Field(i)
		switch {
		case f.Name == "OpAt" || f.Name == "Float":
		case f.Type == reflect.TypeFor[LiteralKind]():
			line += fmt.Sprintf(" %v", x)
		case f.Type == placeType:
			at := x.Interface().(At).Where
			defer func() { line += fmt.Sprintf(" @%d:%d+%d", at.Line, at.Column, at.End-at.Offset) }()
		case f.Type == reflect.TypeFor[Name]():
			line += " " + f.Name + "=" + QuoteName(x.Interface().(Name).Text)
		case f.Type == reflect.TypeFor[*Name]() && !x.IsNil():
			line += " " + f.Name + "=" + QuoteName(x.Elem().Interface().(Name).Text)
		case f.Type == reflect.TypeFor[[]Name]():
			for _, n := range x.Interface().([]Name) {
				line += " " + QuoteName(n.Text)
			}
		case x.Kind() == reflect.Bool && x.Bool():
			line += " " + f.Name
		case x.Kind() == reflect.String && x.Len() > 0:
			line += fmt.Sprintf(" %s=%q", f.Name, x)
		case (x.CanInt() && x.Int() != 0) || (x.CanUint() && x.Uint() != 0):
			line += fmt.Sprintf(" %s=%v", f.Name, x)
		case x.Kind() == reflect.Pointer, x.Kind() == reflect.Interface, x.Kind() == reflect.Slice, x.Kind() == reflect.Struct:
			below = append(below, i)
		}
	}
	return line, below
}
