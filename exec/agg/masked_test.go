package agg_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// TestMasked gives every function that takes marks all rows with marks, and the
// rows that are marked alone: results must be the same, whatever values are
// stored as.
func TestMasked(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	const n = 1000
	pass, picked := make([]uint8, n), []uint32{}
	for i := range pass {
		if i < 50 || r.IntN(3) == 0 { // of every group, the first rows
			pass[i] = 1
			picked = append(picked, uint32(i))
		}
	}
	tried := map[string]bool{}
	for name, lists := range calls {
		for _, arg := range lists {
			if arg != "" && arg != "l" && arg != "d" {
				continue
			}
			c := parseCall(t, name, arg)
			if _, ok := bind(t, c, false).(agg.Masked); !ok {
				continue
			}
			tried[name] = true
			for form, v := range stored(r, n, arg) {
				for _, groups := range []int{1, 3, 40} {
					all, some := numbered(r, n, groups, picked)
					if got, want := withMarks(t, c, all, pass, len(picked), v), ofRows(t, c, some, v.Take(nil, picked)); got != want {
						t.Errorf("%s of %s, %d groups: with marks %s, of the rows %s", c.String(), form, groups, got, want)
					}
				}
			}
		}
	}
	for _, name := range []string{"count", "sum", "avg"} {
		if !tried[name] {
			t.Errorf("%s takes no marks", name)
		}
	}
}

func withMarks(t *testing.T, c agg.Call, g vec.Groups, pass []uint8, passed int, v *data.Vec) string {
	acc := bind(t, c, false).(agg.Masked)
	acc.Grow(g.N)
	if err := acc.UpdateMasked(nil, g, pass, passed, []*data.Vec{v}[:len(c.Args)]); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(result(t, c, acc))
}

func ofRows(t *testing.T, c agg.Call, g vec.Groups, v *data.Vec) string {
	acc := bind(t, c, false)
	acc.Grow(g.N)
	if err := acc.Update(nil, g, []*data.Vec{v}[:len(c.Args)]); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(result(t, c, acc))
}

// numbered are groups of all rows and of some.
func numbered(r *rand.Rand, n, groups int, some []uint32) (all, picked vec.Groups) {
	all = vec.Groups{N: groups, Rows: n, All: true}
	picked = vec.Groups{N: groups, Rows: len(some)}
	if groups == 1 {
		return all, picked
	}
	all.IDs, picked.IDs = make([]uint32, n), make([]uint32, len(some))
	for i := range all.IDs {
		all.IDs[i] = uint32(r.IntN(groups))
		if i < groups {
			all.IDs[i] = uint32(i)
		}
	}
	for i, row := range some {
		picked.IDs[i] = all.IDs[row]
	}
	return all, picked
}

// stored is n numbers in every form that columns have.
func stored(r *rand.Rand, n int, kind string) map[string]*data.Vec {
	typ, scales := data.LongType, []uint8{0}
	if kind == "d" {
		typ, scales = data.DoubleType, []uint8{0, 2}
	}
	codes, wide := make([]uint8, n), make([]uint32, n)
	longs, doubles, short := make([]int64, n), make([]float64, n), make([]uint16, n)
	for i := range codes {
		codes[i] = uint8(r.Uint32())
		short[i], wide[i], longs[i], doubles[i] = uint16(codes[i])*200, uint32(codes[i])*70000, int64(codes[i])-90, float64(codes[i])/4
	}
	words := &data.Vec{Type: typ, N: 256, I64: make([]int64, 256)}
	if kind == "d" {
		words.I64, words.F64 = nil, make([]float64, 256)
		for i := range words.F64 {
			words.F64[i] = float64(i) / 8
		}
	}
	out := map[string]*data.Vec{
		"longs":    {Type: typ, N: n, I64: longs},
		"words":    {Type: typ, N: n, U8: codes, Dict: &data.Dict{Words: words}},
		"constant": {Type: typ, N: n, Const: true, I64: []int64{3}},
	}
	if kind == "d" {
		out["longs"], out["constant"] = &data.Vec{Type: typ, N: n, F64: doubles}, &data.Vec{Type: typ, N: n, Const: true, F64: []float64{2.5}}
	}
	for _, scale := range scales {
		for _, base := range []int64{0, -7} {
			out[fmt.Sprintf("bytes from %d, scale %d", base, scale)] = &data.Vec{Type: typ, N: n, U8: codes, Base: base, Scale: scale}
			out[fmt.Sprintf("16 bits from %d, scale %d", base, scale)] = &data.Vec{Type: typ, N: n, U16: short, Base: base, Scale: scale}
			out[fmt.Sprintf("32 bits from %d, scale %d", base, scale)] = &data.Vec{Type: typ, N: n, U32: wide, Base: base, Scale: scale}
		}
	}
	return out
}
