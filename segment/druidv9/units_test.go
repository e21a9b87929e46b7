package druidv9

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func unpacked(t *testing.T, path, dir string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(f.Name)), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDoubleText(t *testing.T) {
	for x, want := range map[float64]string{0: "0.0", 1: "1.0", -1.5: "-1.5", 0.001: "0.001", 0.0001: "1.0E-4", 9999999: "9999999.0", 1e7: "1.0E7",
		12345678.9: "1.23456789E7", -1e100: "-1.0E100", 2e23: "2.0E23", 5e-324: "4.9E-324", math.Inf(-1): "-Infinity", math.Copysign(0, -1): "-0.0"} {
		if got := string(appendDouble(nil, x, 64)); got != want && !(x == 0 && got == "-0.0") {
			t.Errorf("%g is written %s, expected %s", x, got, want)
		}
	}
	if got := string(appendDouble(nil, float64(float32(0.1)), 32)); got != "0.1" {
		t.Errorf("the float 0.1 is written %s", got)
	}
}

func TestConcise(t *testing.T) {
	words := func(ws ...uint32) (b []byte) {
		for _, w := range ws {
			b = binary.BigEndian.AppendUint32(b, w)
		}
		return b
	}
	for _, c := range []struct {
		name string
		b    []byte
		rows int
		want []int
	}{
		{"nothing", nil, 10, nil},
		{"literal", words(1<<31 | 0b101), 10, []int{0, 2}},
		{"zeros, then a literal", words(1, 1<<31|1), 100, []int{62}},
		{"ones, one flipped", words(1<<30 | 2<<25), 5, []int{0, 2, 3, 4}},
		{"zeros, one flipped, beyond the rows", words(31<<25, 1<<31|0xff), 33, []int{30, 31, 32}},
	} {
		var got []int
		if err := concise(c.b, c.rows, func(row int) { got = append(got, row) }); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: rows %v, %v; expected %v", c.name, got, err, c.want)
		}
	}
	if concise([]byte{1, 2, 3}, 9, func(int) {}) == nil {
		t.Error("three bytes were read as words")
	}
}

func TestPackedLongs(t *testing.T) {
	for bits := range validBits {
		values := []uint64{0, 1, 1<<bits - 1, 1 << (bits - 1), 0}
		b := make([]byte, (bits*len(values)+7)/8+4)
		for i, v := range values {
			for k := range bits {
				if v>>(bits-1-k)&1 != 0 {
					at := i*bits + k
					b[at/8] |= 0x80 >> (at % 8)
				}
			}
		}
		got, err := longLayout{packed: true, bits: bits, base: -5}.appendLongs(nil, b, len(values))
		for i, v := range values {
			if err != nil || got[i] != int64(v)-5 {
				t.Errorf("%d bits: value %d is %d, %v; expected %d", bits, i, got[i], err, int64(v)-5)
			}
		}
	}
	if _, err := (longLayout{packed: true, bits: 2, table: []int64{7, 8, 9}}).appendLongs(nil, []byte{0xff, 0, 0, 0, 0}, 1); err == nil {
		t.Error("a place outside of the table was read")
	}
}

func TestLZF(t *testing.T) {
	// two chunks: "ab", a copy of six from two back, and one byte as it is
	src := append([]byte("ZV\x01\x00\x05\x00\x08\x01ab"), 4<<5, 1)
	src = append(src, "ZV\x00\x00\x01!"...)
	dst := make([]byte, 20)
	n, err := unlzf(dst, src)
	if err != nil || string(dst[:n]) != "abababab!" {
		t.Errorf("%q, %v", dst[:n], err)
	}
	for _, bad := range []string{"XV\x00\x00\x01!", "ZV\x02\x00\x01!", "ZV\x00\x00\x05!", "ZV\x01\x00\x02\x00\x08\x80\x09"} {
		if _, err := unlzf(dst, []byte(bad)); err == nil {
			t.Errorf("%q was unpacked", bad)
		}
	}
}

func TestSmile(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"object", "\xfa\x80a\xc2\x80b\xf8\x21\x22\x23\x20\xf9\x40\xc1\xfb", `{"a":1,"b":[null,false,true,""],"a":-1}`},
		{"long", "\x24\x03\xa4", `114`},
		{"double", "\x29\x00\x40\x1e\x00\x00\x00\x00\x00\x00\x00", "0.0078125"},
		{"escapes", "\x45\"\\\n\x01é", `"\"\\\n\u0001é"`},
		{"text", "\xe4long\xfc", `"long"`},
		{"big", "\x26\x81\x7f\x01", "-1"},
		{"decimal", "\x2a\x84\x81\x0c\x01", "25E-2"},
		{"bytes", "\xfd\x83abc", `"YWJj"`},
	} {
		got, err := appendSmile(nil, []byte(":)\n\x05"+c.doc), 1<<20)
		if c.name == "double" { // whatever the bits say, they say it in sevens
			x := uint64(0)
			for _, b := range []byte(c.doc[1:]) {
				x = x<<7 | uint64(b)
			}
			c.want = string(appendDouble(nil, math.Float64frombits(x), 64))
		}
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; expected %s", c.name, got, err, c.want)
		}
	}
	for _, bad := range []string{"", ":)\n", ":)\n\x05", ":)\n\x05\xf8", ":)\n\x05\xfa\x40\xc1", ":)\n\x05\xe4x", ":)\n\x05\xff",
		":)\n\x05" + string(bytes.Repeat([]byte{0xf8}, 5000))} {
		if _, err := appendSmile(nil, []byte(bad), 1<<20); err == nil {
			t.Errorf("%.20q was read", bad)
		}
	}
}

// FuzzRead changes bytes of small segments; whatever comes, it is no panic and
// takes no more memory than such a segment may. The seeds are unpacked files,
// so that changes are not caught by the checksums of a zip.
func FuzzRead(f *testing.F) {
	type parts struct{ meta, chunk []byte }
	var segments []parts
	for _, path := range []string{"segments/nation/all_0", "segments/edge/2023-12-30T00_0", "segments/edge_uncompressed/2023-12-01T00_0",
		"segments/edge_auto_frontcoded/2023-12-01T00_0", "segments/edge_concise_lzf/2023-12-01T00_0", "segments/nested/2024-03-01T00_0",
		"segments-generated/utf16-a", "segments-generated/utf16-b", "segments-generated/utf16-c"} {
		z, err := zip.OpenReader(testdata + path + ".index.zip")
		if err != nil {
			f.Fatal(err)
		}
		var p parts
		for _, m := range z.File {
			r, err := m.Open()
			if err != nil {
				f.Fatal(err)
			}
			b, _ := io.ReadAll(r)
			switch m.Name {
			case "meta.smoosh":
				p.meta = b
			case "00000.smoosh":
				p.chunk = b
			}
		}
		z.Close()
		segments = append(segments, p)
	}
	for i := range segments {
		n := uint32(len(segments[i].chunk))
		for k := range uint32(24) {
			f.Add(uint8(i), n*k/24, []byte{0xff, byte(k)}, false)
		}
		f.Add(uint8(i), uint32(20), []byte("9"), true)
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint32, change []byte, inMeta bool) {
		s := segments[int(which)%len(segments)]
		chunk, meta := bytes.Clone(s.chunk), bytes.Clone(s.meta)
		if inMeta {
			copy(meta[int(at)%len(meta):], change)
		} else {
			copy(chunk[int(at)%len(chunk):], change)
		}
		fs, err := newFiles(func(name string) ([]byte, error) {
			return map[string][]byte{"version.bin": {0, 0, 0, 9}, "meta.smoosh": meta, "00000.smoosh": chunk}[name], nil
		})
		if err != nil {
			return
		}
		tab, err := fs.table()
		if err != nil {
			return
		}
		for _, c := range tab.Columns {
			for i := range min(tab.Rows, 100) {
				c.Vec.Value(i)
			}
		}
	})
}
