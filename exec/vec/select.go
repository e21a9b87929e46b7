package vec

// Select writes base+i for every i with pass[i] == 1 to out and says how many
// there are. It writes always and moves on only where the row passes, so that
// it has no branch to mispredict. out has room for all.
func Select(out []uint32, pass []uint8, base uint32) int {
	n := 0
	out = out[:len(pass)]
	for i, p := range pass {
		out[n] = base + uint32(i)
		n += int(p & 1)
		if n == len(out) {
			break
		}
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
		if n == len(out) {
			break
		}
	}
	return out[:n]
}
