package encoding

import (
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Check looks at everything in v that kernels trust: codes have words, offsets
// ascend and stay inside. Read does not, as it would touch every page.
func Check(v *data.Vec) error {
	if v.Dict != nil {
		if most := mostCode(v); v.N > 0 && int(most) >= v.Dict.Len() {
			return fault.Invalidf("word %d, expected less than %d", most, v.Dict.Len())
		}
		return Check(v.Dict.Words)
	}
	if v.Off == nil {
		return nil
	}
	end := int32(len(v.Bytes))
	if v.Elem != nil {
		end = int32(v.Elem.N)
		if err := Check(v.Elem); err != nil {
			return err
		}
	}
	at := v.Off[0]
	for i, o := range v.Off {
		if o < at || o > end {
			return fault.Invalidf("offset %d of row %d, expected one from %d to %d", o, i, at, end)
		}
		at = o
	}
	return nil
}

func mostCode(v *data.Vec) uint32 {
	switch {
	case v.U8 != nil:
		return maxOf(v.U8[:v.Stored()])
	case v.U16 != nil:
		return maxOf(v.U16[:v.Stored()])
	}
	return maxOf(v.U32[:v.Stored()])
}

func maxOf[T uint8 | uint16 | uint32](codes []T) uint32 {
	var m T
	for _, c := range codes {
		m = max(m, c)
	}
	return uint32(m)
}
