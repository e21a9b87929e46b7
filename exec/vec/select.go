package vec

import "encoding/binary"

// Select writes base+i for every i with pass[i] == 1 to out and says how many
// there are. It writes always and moves on only where the row passes, so that
// it has no branch to mispredict. out has room for all.
func Select(out []uint32, pass []uint8, base uint32) int {
	n, i := 0, 0
	out = out[:len(pass)]
	if fast != nil {
		n, i = fast.choose(out, pass, base)
	}
	for ; i+8 <= len(pass); i += 8 {
		if binary.LittleEndian.Uint64(pass[i:]) == 0 { // few rows pass: eight at a time
			continue
		}
		for j, p := range pass[i : i+8 : i+8] {
			out[n] = base + uint32(i+j)
			n += int(p & 1)
		}
	}
	for ; i < len(pass); i++ {
		out[n] = base + uint32(i)
		n += int(pass[i] & 1)
	}
	return n
}

// SelectRows is the rows for which pass is 1, in out.
func SelectRows(out []uint32, pass []uint8, rows []uint32) []uint32 {
	n := 0
	out, rows = out[:len(pass)], rows[:len(pass)]
	for i, p := range pass {
		out[n] = rows[i]
		n += int(p & 1)
	}
	return out[:n]
}
