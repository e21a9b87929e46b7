package spill

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// sample has a column of every layout.
func sample() *data.Batch {
	build := func(b *data.Builder, values ...any) *data.Vec {
		for _, x := range values {
			b.Append(x)
		}
		return b.Vec()
	}
	texts := build(data.NewBuilder(data.StringType), "a", nil, "", "öö")
	words := &data.Vec{Type: data.StringType, N: 4, U8: []uint8{3, 0, 1, 3}, Dict: &data.Dict{Words: texts}}
	return &data.Batch{N: 4, Cols: []*data.Vec{
		{Type: data.LongType, N: 4, U16: []uint16{0, 1, 2, 65535}, Base: -1},
		{Type: data.DoubleType, N: 4, U8: []uint8{0, 1, 2, 3}, Base: 7, Scale: 2},
		build(data.NewBuilder(data.LongType), int64(1), nil, int64(-1<<62), int64(0)),
		build(data.NewBuilder(data.DoubleType), 0.5, nil, -0.25, 1e300),
		build(data.NewBuilder(data.FloatType), 0.5, nil, -0.25, 3.0),
		build(data.NewBuilder(data.BoolType), true, nil, false, true),
		texts, words,
		build(data.NewMulti(), []any{"x", "y"}, nil, "z", []any{}),
		build(data.NewBuilder(data.ArrayOf(data.LongType)), []any{int64(1), nil}, nil, []any{}, []any{int64(4)}),
		build(data.NewBuilder(data.ComplexOf("hll")), "\x00\x01", nil, "", "zz"),
		data.Literal(data.StringType, "same", 4), data.Nulls(nil, data.NullType, 4), data.Nulls(nil, data.StringArray, 4),
	}}
}

func values(b *data.Batch) (out [][]any) {
	for i := range b.N {
		var row []any
		for _, c := range b.Cols {
			row = append(row, c.Value(i))
		}
		out = append(out, row)
	}
	return out
}

// What is written is read, whole or in slices, and the file is gone after.
func TestAppendAndRead(t *testing.T) {
	space := &Space{Dir: filepath.Join(t.TempDir(), "made")}
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	b := sample()
	var extents []Extent
	var want []*data.Batch
	for lo := range 4 {
		for hi := lo; hi <= 4; hi++ {
			piece := &data.Batch{N: hi - lo}
			for _, c := range b.Cols {
				piece.Cols = append(piece.Cols, c.Slice(nil, lo, hi))
			}
			e, err := f.Append(piece)
			if err != nil {
				t.Fatal(err)
			}
			extents, want = append(extents, e), append(want, piece)
		}
	}
	for i, e := range extents {
		got, err := f.Read(e)
		if err != nil || !reflect.DeepEqual(values(got), values(want[i])) {
			t.Errorf("extent %d: got %v, %v; want %v", i, values(got), err, values(want[i]))
		}
	}
	if space.used.Load() == 0 || space.Written() == 0 {
		t.Error("nothing is counted")
	}
	f.Close()
	if left, _ := os.ReadDir(space.Dir); len(left) > 0 || space.used.Load() != 0 {
		t.Errorf("after Close: files %v, %d bytes", left, space.used.Load())
	}
}

func TestLimitOfDisk(t *testing.T) {
	space := &Space{Dir: t.TempDir(), Limit: 2000}
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err = f.Append(sample()); err != nil {
			break
		}
	}
	if e := fault.Of(err); e == nil || e.Kind != fault.Limit || !strings.Contains(e.Message, "maxOnDiskStorage") {
		t.Errorf("got %v", err)
	}
	f.Close()
	if _, err := new(Space).Create(); err == nil {
		t.Error("a file without a directory")
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Space{Dir: blocked}).Create(); fault.Of(err) == nil || fault.Of(err).Kind != fault.Limit {
		t.Errorf("a directory that is a file: %v", err)
	}
}

// A byte that changed on the disk is an error, never another row.
func TestDamage(t *testing.T) {
	space := &Space{Dir: t.TempDir()}
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := f.Append(sample())
	if err != nil {
		t.Fatal(err)
	}
	for at := e.at; at < e.at+e.size; at += 7 {
		if at >= 12 && at < extentHead {
			continue // says nothing
		}
		var b [1]byte
		_, err1 := f.f.ReadAt(b[:], at)
		_, err2 := f.f.WriteAt([]byte{b[0] ^ 4}, at)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(e); err == nil {
			t.Errorf("byte %d was changed, and nobody saw it", at)
		}
		if _, err := f.f.WriteAt(b[:], at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{prefix + "1", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(Sweep(dir), Sweep(filepath.Join(dir, "none"))); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("left: %v", left)
	}
}

func FuzzDecode(f *testing.F) {
	b, err := encode(nil, sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, in []byte) {
		body := aligned(len(in))
		copy(body, in)
		b, err := decode(body)
		if err != nil {
			return
		}
		for i, v := range b.Cols {
			if v.N != b.N {
				t.Errorf("column %d has %d rows of %d", i, v.N, b.N)
			}
		}
	})
}
