package compute

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// indexName is the file of a cache directory that says again what is known of
// its segments, so that a restart reads one file and opens none. It is only a
// memory: what is not in it, or not as it says, is read from the segment's own
// files. Records are appended; the last one of a name counts.
//
//	0  u32  length of the body
//	4  u32  crc32c of the body
//	8       body: the fields that (*entry).fields lists, numbers as varints,
//	        texts with their length in front
const indexName = "segments.index"

const (
	indexHead = 8
	maxRecord = 16 << 20
	// usualRecord is the bytes of a record, about, or rather more.
	usualRecord = 1024
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An entry is what an index says of a file.
type entry struct {
	name  string
	as    stamp
	desc  *cluster.Descriptor
	about *about
}

// An about is what a file says of itself beside its descriptor.
type about struct {
	info *segment.Info // of many segments; times and size are those below
	rows int
	min  int64
	max  int64
}

// Info is that of the file of a segment.
func (a *about) Info(size int64) segment.Info {
	out := *a.info
	out.MinTime, out.MaxTime, out.Size = a.min, a.max, size
	return out
}

// numbers are the fields that are numbers, in their order.
func (e *entry) numbers() []int64 {
	d := e.desc
	return []int64{e.as.size, e.as.modified.UnixNano(), d.Interval.Start, d.Interval.End, int64(d.Format), d.Size, d.Rows,
		int64(e.about.rows), e.about.min, e.about.max}
}

// texts are the fields that are texts.
func (e *entry) texts() (out [9][]byte, err error) {
	d := e.desc
	info := *e.about.info
	info.MinTime, info.MaxTime, info.Size = 0, 0, 0
	shard, err := cluster.MarshalShard(d.Shard)
	if err != nil {
		return out, err
	}
	schema, err := json.Marshal(d.Schema)
	if err != nil {
		return out, err
	}
	about, err := json.Marshal(info)
	return [9][]byte{[]byte(e.name), d.LoadSpec, []byte(d.Source), []byte(d.Version), []byte(d.Dimensions), []byte(d.Metrics),
		joined(shard, d.Compaction), schema, about}, err
}

// joined is two values of JSON as a list, the second null if there is none.
func joined(a, b json.RawMessage) []byte {
	out, err := json.Marshal([2]json.RawMessage{a, b})
	if err != nil {
		return nil // neither was made by us: reading it will say so
	}
	return out
}

// record is an entry as it lies in an index.
func (e *entry) record() ([]byte, error) {
	texts, err := e.texts()
	if err != nil {
		return nil, err
	}
	b := make([]byte, indexHead, 1024)
	for _, n := range e.numbers() {
		b = binary.AppendVarint(b, n)
	}
	for _, t := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	body := b[indexHead:]
	if len(body) > maxRecord {
		return nil, fault.Invalidf("what is known of %s takes %d bytes, expected at most %d", e.name, len(body), maxRecord)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(body)))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(body, castagnoli))
	return b, nil
}

// An indexReader reads entries. Segments of a source say much the same: what
// they share is read once and held once.
type indexReader struct {
	words   map[string]string
	schemas map[string]data.Schema
	infos   map[string]*segment.Info
	shards  map[string]sharded
}

type sharded struct {
	shard      cluster.Shard
	compaction json.RawMessage
}

func newIndexReader() *indexReader {
	return &indexReader{words: map[string]string{}, schemas: map[string]data.Schema{}, infos: map[string]*segment.Info{}, shards: map[string]sharded{}}
}

// once gives what read makes of a text, the same for the same text.
func once[T any](known map[string]T, text []byte, read func([]byte) (T, error)) (T, error) {
	if x, ok := known[string(text)]; ok {
		return x, nil
	}
	x, err := read(text)
	if err == nil {
		known[string(text)] = x
	}
	return x, err
}

func (r *indexReader) word(text []byte) string {
	w, _ := once(r.words, text, func(b []byte) (string, error) { return string(b), nil })
	return w
}

// entry reads the body of a record.
func (r *indexReader) entry(body []byte) (*entry, error) {
	var n [10]int64
	for i := range n {
		x, size := binary.Varint(body)
		if size <= 0 {
			return nil, fault.Invalidf("record of the index: number %d is cut short", i)
		}
		n[i], body = x, body[size:]
	}
	var t [9][]byte
	for i := range t {
		x, size := binary.Uvarint(body)
		if size <= 0 || x > uint64(len(body)-size) {
			return nil, fault.Invalidf("record of the index: text %d is cut short", i)
		}
		t[i], body = body[size:size+int(x)], body[size+int(x):]
	}
	shard, err := once(r.shards, t[6], readSharded)
	if err != nil {
		return nil, err
	}
	schema, err := once(r.schemas, t[7], decode[data.Schema])
	if err != nil {
		return nil, err
	}
	info, err := once(r.infos, t[8], func(b []byte) (*segment.Info, error) { return decode[*segment.Info](b) })
	if err != nil {
		return nil, err
	}
	d := &cluster.Descriptor{
		Source: r.word(t[2]), Version: r.word(t[3]), Interval: chrono.Interval{Start: n[2], End: n[3]}, Dimensions: cluster.Names(r.word(t[4])),
		Metrics: cluster.Names(r.word(t[5])), Shard: shard.shard, Compaction: shard.compaction, Format: int(n[4]), Size: n[5], Rows: n[6], Schema: schema,
	}
	if len(t[1]) > 0 {
		d.LoadSpec = append(json.RawMessage(nil), t[1]...)
	}
	if info == nil || d.Source == "" || d.Version == "" || d.Interval.Empty() || n[7] < 0 {
		return nil, fault.Invalidf("record of the index: it names no segment")
	}
	return &entry{string(t[0]), stamp{n[0], time.Unix(0, n[1])}, d, &about{info, int(n[7]), n[8], n[9]}}, nil
}

func decode[T any](b []byte) (x T, err error) {
	err = json.Unmarshal(b, &x)
	return x, err
}

func readSharded(b []byte) (s sharded, err error) {
	both, err := decode[[2]json.RawMessage](b)
	if err != nil {
		return s, err
	}
	if string(both[1]) != "null" {
		s.compaction = both[1]
	}
	s.shard, err = cluster.ParseShard(both[0])
	return s, err
}

// read gives the entries of an index by name, up to where it makes no sense: a
// process may have been killed while it wrote. whole is the bytes that do.
func (r *indexReader) read(b []byte) (by map[string]*entry, records int, whole int64) {
	by = make(map[string]*entry, len(b)/usualRecord)
	for len(b) >= indexHead {
		size := int(binary.LittleEndian.Uint32(b))
		if size > maxRecord || size > len(b)-indexHead {
			break
		}
		body := b[indexHead : indexHead+size]
		if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
			break
		}
		e, err := r.entry(body)
		if err != nil {
			break
		}
		by[e.name] = e
		b = b[indexHead+size:]
		records, whole = records+1, whole+int64(indexHead+size)
	}
	return by, records, whole
}

// An index appends to the index of one directory.
type index struct {
	mu   sync.Mutex
	file *os.File
}

// openIndex gives what the index of a directory says, and the index to write
// on. One that cannot be read or written is a memory lost, and no more.
func openIndex(dir string) (map[string]*entry, *index) {
	path := filepath.Join(dir, indexName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, &index{}
	}
	b, err := contents(f)
	if err != nil {
		_ = f.Close()
		return nil, &index{}
	}
	by, records, whole := newIndexReader().read(b)
	x := &index{file: f}
	if err := f.Truncate(whole); err != nil {
		x.close()
		return by, x
	}
	if _, err := f.Seek(whole, io.SeekStart); err != nil {
		x.close()
	}
	if records > 2*len(by)+1000 {
		x.rewrite(path, by)
	}
	return by, x
}

func contents(f *os.File) ([]byte, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := make([]byte, st.Size())
	_, err = io.ReadFull(f, b)
	return b, err
}

// rewrite leaves the last record of each name.
func (x *index) rewrite(path string, by map[string]*entry) {
	f, err := os.CreateTemp(filepath.Dir(path), loadPrefix+"*")
	if err != nil {
		return
	}
	fresh := &index{file: f}
	for _, e := range by {
		fresh.add(e)
	}
	if fresh.file == nil || os.Rename(f.Name(), path) != nil {
		fresh.close()
		_ = os.Remove(f.Name())
		return
	}
	x.close()
	x.file = fresh.file
}

// add appends an entry. After a write that failed nothing more is written: what
// follows it could not be read.
func (x *index) add(e *entry) {
	b, err := e.record()
	if err != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file == nil {
		return
	}
	if _, err := x.file.Write(b); err != nil {
		_ = x.file.Close()
		x.file = nil
	}
}

func (x *index) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file != nil {
		_ = x.file.Close()
		x.file = nil
	}
}
