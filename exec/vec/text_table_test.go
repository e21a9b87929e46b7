package vec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

// TestTextTable numbers texts of all lengths, with nulls, again and again, a
// row and a column at a time.
func TestTextTable(t *testing.T) {
	var texts []string
	for n := range 70 {
		for k := range 40 {
			texts = append(texts, fmt.Sprint(k)+strings.Repeat("x", n)+fmt.Sprint(k%7))
		}
	}
	want := map[string]uint64{}
	table := newTextTable()
	for round := range 3 {
		b := data.NewBuilder(data.StringType)
		for i, x := range texts {
			if i%11 == 0 {
				b.Null()
			}
			b.String(x)
		}
		v := b.Vec()
		got := make([]uint64, v.N)
		table.numbers(v, got)
		for i, n := range got {
			x := v.Str(i)
			switch {
			case v.Null(i):
				if n != 0 {
					t.Fatalf("null is number %d", n)
				}
				continue
			case round == 0 && want[x] == 0:
				want[x] = uint64(len(want) + 1)
			}
			if n != want[x] || table.texts.At(int(n)) != x || table.find(x) != uint32(n) || table.number(x) != uint32(n) {
				t.Fatalf("%q: number %d, of %q, found as %d; want %d", x, n, table.texts.At(int(n)), table.find(x), want[x])
			}
		}
	}
	if n := table.find("not there"); n != 0 {
		t.Errorf("number %d of a text that is not there", n)
	}
}

// TestHashText wants texts that differ in one place to differ in their hash.
func TestHashText(t *testing.T) {
	for n := range 70 {
		seen := map[uint64]int{}
		x := []byte(strings.Repeat("a", n))
		seen[hashText(string(x))] = -1
		for i := range x {
			x[i] = 'b'
			h := hashText(string(x))
			if j, ok := seen[h]; ok {
				t.Errorf("length %d: places %d and %d have one hash", n, i, j)
			}
			seen[h] = i
			x[i] = 'a'
		}
	}
}

// TestNumberedTable groups by one column of texts, whose groups come in the
// order of their first rows, whatever their numbers are.
func TestNumberedTable(t *testing.T) {
	table := NewTable([]data.Type{data.StringType})
	b := data.NewBuilder(data.StringType)
	for i := range 1000 {
		b.String(fmt.Sprint(i * 7 % 500))
	}
	b.Null()
	keys := []*data.Vec{b.Vec()}
	for range 2 {
		g := table.Group(nil, keys, 1001)
		for i, id := range g.IDs {
			if want := uint32(i % 500); i < 1000 && id != want || i == 1000 && id != 500 {
				t.Fatalf("row %d is in group %d", i, id)
			}
		}
	}
	ids := table.NewFinder().Find(nil, keys, 1001)
	if ids[3] != 3 || ids[503] != 3 || ids[1000] != 500 {
		t.Errorf("found as %d, %d and %d", ids[3], ids[503], ids[1000])
	}
	other := data.NewBuilder(data.StringType)
	other.String("no")
	if ids := table.NewFinder().Find(nil, []*data.Vec{other.Vec()}, 1); ids[0] != NoGroup {
		t.Errorf("a text that is not there is found as %d", ids[0])
	}
	if keys := table.Keys()[0]; keys.N != 501 || keys.Str(499) != "493" || !keys.Null(500) {
		t.Errorf("%d keys, the 499th %q", keys.N, keys.Str(499))
	}
}

// TestTableOfWords groups the same texts as words, of dictionaries that are
// numbered at once and that are not, and as themselves.
func TestTableOfWords(t *testing.T) {
	b := data.NewBuilder(data.StringType)
	for _, w := range []any{nil, "", "a", "b", "a", nil} { // words may come twice
		b.Append(w)
	}
	dict := b.Vec()
	for rows, groups := range map[int]int{4: 3, 100: 4} {
		codes := make([]uint8, rows)
		for i := range codes {
			codes[i] = uint8(5 - i%6)
		}
		v := &data.Vec{Type: data.StringType, N: rows, U8: codes, Dict: &data.Dict{Words: dict}}
		table := NewTable([]data.Type{data.StringType, data.LongType}) // two, so that codes are no index
		one := data.Literal(data.LongType, int64(1), rows)
		wide := &data.Vec{Type: data.LongType, N: rows, I64: one.Longs(nil)}
		byWord := table.Group(nil, []*data.Vec{v, wide}, rows)
		byText := table.Group(nil, []*data.Vec{v.Decoded(nil), wide}, rows)
		if !slices.Equal(byWord.IDs, byText.IDs) || table.Len() != groups {
			t.Errorf("%d rows: groups %v, as texts %v", rows, byWord.IDs, byText.IDs)
		}
	}
}
