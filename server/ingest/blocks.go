package ingest

// blocks is a list that grows without copying: full blocks stay where they are.
type blocks[T any] struct {
	full [][]T
	last []T
	n    int // in full
}

const (
	firstBlock = 256
	blockSize  = 1 << 15
)

func (b *blocks[T]) len() int { return b.n + len(b.last) }

func (b *blocks[T]) add(x T) {
	if len(b.last) == cap(b.last) {
		b.grow()
	}
	b.last = append(b.last, x)
}

func (b *blocks[T]) grow() {
	if len(b.last) > 0 {
		b.full = append(b.full, b.last)
		b.n += len(b.last)
	}
	b.last = make([]T, 0, min(blockSize, max(firstBlock, 2*cap(b.last))))
}

// addAll appends all of x.
func (b *blocks[T]) addAll(x []T) {
	for len(x) > 0 {
		if len(b.last) == cap(b.last) {
			b.grow()
		}
		n := min(len(x), cap(b.last)-len(b.last))
		b.last = append(b.last, x[:n]...)
		x = x[n:]
	}
}

// each calls f with the blocks in order.
func (b *blocks[T]) each(f func([]T)) {
	for _, x := range b.full {
		f(x)
	}
	f(b.last)
}

// appendTo copies everything behind out.
func (b *blocks[T]) appendTo(out []T) []T {
	b.each(func(x []T) { out = append(out, x...) })
	return out
}
