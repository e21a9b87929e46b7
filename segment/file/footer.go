package file

import (
	"encoding/json"
	"hash/crc32"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/encoding"
)

// A footer is what a file says of itself. Files of version 1 have it as JSON.
type footer struct {
	ID      segment.ID   `json:"id"`
	Info    segment.Info `json:"info"`
	Rows    int          `json:"rows"`
	Columns []columnMeta `json:"columns"`
	Buffers []buffer     `json:"buffers"`

	lazy   bool     // columns have bodies
	codecs []string // what numbers in bodies stand for
	types  []data.Type
}

// A columnMeta says how a column lies in the file. One that was read from a
// binary footer has only its Field and its body; see (*footer).column.
type columnMeta struct {
	Field    data.Field     `json:"field"`
	Path     string         `json:"path,omitempty"` // of a field of JSON, within its column
	Encoding *encoding.Node `json:"encoding"`
	Index    *index         `json:"index,omitempty"`
	Zones    *int           `json:"zones,omitempty"` // buffer of the zone map
	Paths    []columnMeta   `json:"paths,omitempty"`

	body string
}

// A buffer is a run of bytes of the file.
type buffer struct {
	At  int64  `json:"at"`
	Len int64  `json:"len"`
	CRC uint32 `json:"crc32c"`
}

// readFooter checks and reads the footer b.
func readFooter(b []byte, h header) (*footer, error) {
	if crc32.Checksum(b, castagnoli) != h.crc {
		return nil, fault.Invalidf("segment file: the checksum of the footer does not match")
	}
	f := new(footer)
	var err error
	if h.version == versionJSON {
		err = json.Unmarshal(b, f)
	} else {
		err = f.decode(string(b), h.at)
	}
	if err != nil {
		return nil, fault.Invalidf("segment file: footer: %v", err)
	}
	f.Info.Size = h.size
	return f, nil
}

func (f *footer) schema() data.Schema {
	s := make(data.Schema, len(f.Columns))
	for i := range f.Columns {
		s[i] = f.Columns[i].Field
	}
	return s
}
