package data

// A Keeper makes columns that outlive their batch. Strings of few words stay
// words, in a copy of the dictionary that all batches share.
type Keeper struct{ dicts map[*Dict]*Dict }

// fewWords is how many words a dictionary may have that is kept for fewer rows.
const fewWords = 256

// Own is v in memory of its own: plain values, or words if k is not nil and
// they are few.
func (k *Keeper) Own(v *Vec) *Vec {
	if k != nil && v.Type.Kind == String && v.Dict != nil && v.Elem == nil && !v.Const && v.Dict.Len() <= max(v.N, fewWords) {
		return k.codes(v)
	}
	out := v.Decoded(nil).Flat(nil)
	if out == v || v.Valid != nil {
		out = out.Copy()
	}
	return out
}

func (k *Keeper) codes(v *Vec) *Vec {
	own := k.dicts[v.Dict]
	if own == nil {
		if k.dicts == nil {
			k.dicts = map[*Dict]*Dict{}
		}
		own = &Dict{Words: v.Dict.Words.Copy(), Sorted: v.Dict.Sorted}
		k.dicts[v.Dict] = own
	}
	shared := *v
	shared.Dict = nil
	out := shared.clone()
	out.Dict = own
	return out
}

// concatWords is the rows of all parts, one after the other, as words of one
// dictionary; nil if some are no words.
func concatWords(parts []*Vec) *Vec {
	n := 0
	var of *Vec
	for _, p := range parts {
		if p.N == 0 {
			continue
		}
		if p.Type.Kind != String || p.Dict == nil || p.Elem != nil || p.Const {
			return nil
		}
		n, of = n+p.N, p
	}
	if of == nil {
		return nil
	}
	out := &Vec{Type: of.Type, N: n, U32: make([]uint32, 0, n)}
	all := union{codes: map[string]uint32{}, null: -1}
	known := map[*Dict][]uint32{}
	for _, p := range parts {
		if p.N == 0 {
			continue
		}
		to := known[p.Dict]
		if to == nil {
			to = all.add(p.Dict)
			known[p.Dict] = to
		}
		for _, c := range p.Codes32(nil)[:p.N] {
			out.U32 = append(out.U32, to[c])
		}
	}
	out.Dict = &Dict{Words: all.words.Vec()}
	return out
}

// A union is the words of several dictionaries, each once.
type union struct {
	words *Builder
	codes map[string]uint32
	null  int64 // its code; -1: there is none
}

// add gives, for each word of d, its code here.
func (u *union) add(d *Dict) []uint32 {
	if u.words == nil {
		u.words = NewBuilder(d.Words.Type)
	}
	out := make([]uint32, d.Len())
	for i := range out {
		next := uint32(u.words.Len())
		if d.Words.Null(i) {
			if u.null < 0 {
				u.null = int64(next)
				u.words.Null()
			}
			out[i] = uint32(u.null)
			continue
		}
		word := d.Words.Str(i)
		code, ok := u.codes[word]
		if !ok {
			code = next
			u.codes[word] = code
			u.words.String(word)
		}
		out[i] = code
	}
	return out
}
