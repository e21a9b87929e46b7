package file

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/druidv9"
)

// columnsOf are a table's columns as Write takes them.
func columnsOf(t *druidv9.Table) []Column {
	var out []Column
	for _, c := range t.Columns {
		out = append(out, Column(c))
	}
	return out
}

// TestConvert stores every segment that Druid wrote and holds our copy to it,
// value by value, fields of JSON and indexes included.
func TestConvert(t *testing.T) {
	zips, _ := filepath.Glob("../../testdata/segments/*/*.zip")
	more, _ := filepath.Glob("../../testdata/segments-generated/*.zip")
	if len(zips) != 47 || len(more) != 6 {
		t.Fatalf("%d and %d segments, expected 47 and 6", len(zips), len(more))
	}
	for _, z := range append(zips, more...) {
		tab, err := druidv9.ReadZip(z)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "segment")
		if err := Write(path, testID, tab.Info, columnsOf(tab)); err != nil {
			t.Fatalf("%s: %v", z, err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatalf("%s: %v", z, err)
		}
		if err := f.Verify(); err != nil {
			t.Errorf("%s: %v", z, err)
		}
		if f.Rows() != tab.Rows || len(f.Schema()) != len(tab.Columns) || f.Info().MaxTime != tab.Info.MaxTime {
			t.Errorf("%s: %d rows, %+v", z, f.Rows(), f.Info())
		}
		for _, c := range tab.Columns {
			col, _ := f.Column(c.Field.Name)
			compareAll(t, z+" "+c.Field.Name, col, c.Vec)
			for p, v := range c.Paths {
				sub, ok := col.(segment.Pathed).Path(p)
				if !ok {
					t.Fatalf("%s: %s lost its path %s", z, c.Field.Name, p)
				}
				compareAll(t, z+" "+c.Field.Name+" "+p, sub, v)
			}
		}
		f.Close()
	}
}

func compareAll(t *testing.T, name string, c segment.Column, want *data.Vec) {
	t.Helper()
	s := new(data.Scratch)
	for lo := 0; lo < want.N; lo += 4096 {
		s.Reset()
		hi := min(lo+4096, want.N)
		v := c.Read(s, lo, hi)
		for i := lo; i < hi; i++ {
			same(t, name, i, v.Value(i-lo), want.Value(i))
		}
	}
	if w, ok := c.(*wordColumn); ok && w.rows != nil && want.N < 10_000 {
		checkIndex(t, w, want)
	}
}

func TestDump(t *testing.T) {
	tab, err := druidv9.ReadZip("../../testdata/segments/edge/2024-01-03T00_0.index.zip")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Dump(&b, write(t, columnsOf(tab))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rows      39", "column", "list of STRING  list of dictionary 8", "allnull", "constant"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestReadsAllocateNothing holds the hot path to its promise.
func TestReadsAllocateNothing(t *testing.T) {
	tab, err := druidv9.ReadZip("../../testdata/segments/lineitem/1994-01-01T00_0.index.zip")
	if err != nil {
		t.Fatal(err)
	}
	f := write(t, columnsOf(tab))
	s := new(data.Scratch)
	rows := []uint32{3, 500, 501, 4000}
	for _, field := range f.Schema() {
		c, _ := f.Column(field.Name)
		run := func() {
			s.Reset()
			c.Read(s, 1024, 5120)
			c.Take(s, rows)
		}
		run()
		if n := testing.AllocsPerRun(20, run); n > 0 {
			t.Errorf("%s: %v allocations for a read and a take", field.Name, n)
		}
	}
}

// FuzzOpen changes bytes of a file and mends its checksums, so that changes
// reach what is behind them: what passes Verify can be read without a panic.
func FuzzOpen(f *testing.F) {
	whole := sample(f)
	h, err := readHeader(whole, int64(len(whole)))
	if err != nil {
		f.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range 64 {
		f.Add(uint32(r.IntN(len(whole))), []byte{byte(r.IntN(256))}, uint32(h.at)+uint32(r.IntN(int(h.len))), []byte("9"))
	}
	f.Fuzz(func(t *testing.T, at uint32, change []byte, footAt uint32, footChange []byte) {
		b := bytes.Clone(whole)
		copy(b[headerSize+int(at)%int(h.at-headerSize):h.at], change)
		copy(b[int(h.at)+int(footAt)%int(h.len):], footChange)
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, mend(b, h), 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			return
		}
		defer s.Close()
		if s.Verify() != nil {
			return
		}
		for _, field := range s.Schema() {
			c, ok := s.Column(field.Name)
			if !ok || s.Rows() > 1000 {
				continue
			}
			v := c.Read(nil, 0, s.Rows())
			for i := range s.Rows() {
				v.Value(i)
			}
			if w, ok := c.(*wordColumn); ok {
				for code := range uint32(w.Dict().Len()) {
					w.RowsOf(code)
				}
			}
		}
		Dump(&bytes.Buffer{}, s)
	})
}
