// Package cluster says which segment is where. It owns the domain (Descriptor,
// Server, Timeline, View) and the three seams between a server and the world:
// Metadata (what exists, for good), Coordinator (who is there, for now) and
// Storage (sealed segments). It has heard of no query.
//
//	        Metadata ──── Segments ───► master ── Set("load/…") ─► Coordinator
//	           ▲                                                    │      ▲
//	         Commit                                        Watch("load/SELF/")
//	           │                                                    ▼      │
//	ingestion ─┴─ Put ─► Storage ── Open ───────────────────────► compute  │
//	                                             Announce("served/SELF/ID")┘
//	                                                                │
//	                             broker: View ◄── Watch("served/") ─┘
//
// Every method may be called at once from several goroutines. Lifetimes are
// contexts: an announcement, a watch and a lead last as long as theirs.
package cluster

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"time"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// Metadata records, for good, which segments exist.
type Metadata interface {
	// Segments gives the used segments and then every change as it happens,
	// until ctx ends or the consumer stops. From a Mark that an earlier change
	// carried, it goes on after that change. A change may come twice; one that
	// was overtaken by a later change of the same segment may be left out.
	// An error ends the sequence; the consumer may go on from its last Mark.
	Segments(ctx context.Context, since Mark) iter.Seq2[Change, error]

	// Find gives the segments that q asks for, ordered by source, start, end,
	// version and partition number. The consumer may call Metadata meanwhile.
	Find(ctx context.Context, q SegmentQuery) iter.Seq2[Descriptor, error]

	// Commit does all of c or, with an error, none of it. It is durable when
	// it returns. A precondition that does not hold is fault.Conflict. To
	// commit the same thing twice without preconditions is no error.
	Commit(ctx context.Context, c Commit) error

	// Allocate names a segment to append rows of the given interval to. Its
	// shard is Numbered with that partition. It is a new partition of the
	// newest version that is visible there, whose interval may be longer, or
	// a new version if nothing is. The same source, interval and sequence get
	// the same ID, also after a restart, until the segment is deleted. Visible
	// segments that overlap the interval without covering it are
	// fault.Conflict: a shorter interval may do.
	Allocate(ctx context.Context, source string, in chrono.Interval, sequence string) (segment.ID, error)
}

// A Mark is a place in the stream of changes of one Metadata. The zero Mark is
// the beginning. Others are opaque.
type Mark string

// A Change is a step of Metadata.Segments.
type Change struct {
	Kind    ChangeKind
	Mark    Mark       // resumes after this change
	Segment Descriptor // of Used and Unused
}

// A ChangeKind says what a Change means.
type ChangeKind uint8

// The kinds of changes.
const (
	Used   ChangeKind = iota // the segment exists and is to be served
	Unused                   // it is not, from now on; perhaps it never was
	Reset                    // forget all that was given: the used ones follow
	Synced                   // all that was there when the stream began has been given
)

// A SegmentQuery selects segments; its zero value selects all used ones.
type SegmentQuery struct {
	Source    string            // "" is every source
	Intervals []chrono.Interval // overlapping any of these; nil is all time
	IDs       []segment.ID      // nil is any
	State     SegmentState
	Before    time.Time // of Unused ones: marked so before; zero is any
	Limit     int       // 0 is none
}

// A SegmentState narrows a SegmentQuery.
type SegmentState uint8

// The states of segments to select.
const (
	OnlyUsed SegmentState = iota
	OnlyUnused
	UsedOrNot
)

// A Commit is one transaction. Its parts are applied in the order of the
// fields, after all of Need was found to hold.
type Commit struct {
	Need    []Version    // documents as they were read
	Publish []Descriptor // become known and used
	Use     []segment.ID // become used again; unknown ones are fault.NotFound
	Unuse   []segment.ID // become unused; unknown ones are ignored
	Delete  []segment.ID // are forgotten; used ones are fault.Conflict, unknown ones ignored
	Put     []Document   // are written, whatever their Version; a nil Value deletes
}

// A Version is a precondition: the document of that key has this version. The
// version of a document that does not exist is 0.
type Version struct {
	Key     string
	Version int64
}

// Documents are what must change together with segments: rules, lookups,
// configuration, tasks, locks, supervisors, checkpoints, audit. A Metadata
// implements it as well, and writes documents by Commit. Keys are paths whose
// first element is the kind: "rules/wiki", "config/coordinator".
type Documents interface {
	// Get returns the document. One that does not exist has a nil Value and
	// version 0; that is no error.
	Get(ctx context.Context, key string) (Document, error)
	// List gives the documents whose key begins with prefix, by key.
	List(ctx context.Context, prefix string) iter.Seq2[Document, error]
	// WatchDocuments gives what List gives, then a Document with the Key ""
	// (all was given), then each document that changed; one that is gone has
	// a nil Value. Intermediate versions may be left out.
	WatchDocuments(ctx context.Context, prefix string) iter.Seq2[Document, error]
}

// A Document is a value with a version that every write makes greater, also
// across deletion.
type Document struct {
	Key     string          `json:"key"`
	Version int64           `json:"version"`
	Value   json.RawMessage `json:"value"`
	Updated time.Time       `json:"updated"` // to the millisecond; set by Commit
}

// A Coordinator is what servers know of each other, for now. Keys are paths
// with "/" between elements; see the functions in keys.go for the ones in use.
type Coordinator interface {
	// Announce makes key visible until ctx ends or the process dies. It
	// returns when it was first written; after a lost session it comes back by
	// itself. A later Announce or Set of the same key takes its place.
	Announce(ctx context.Context, key string, value []byte) error
	// Set makes key visible until it is deleted, by Set with a nil value. To
	// delete what does not exist is no error.
	Set(ctx context.Context, key string, value []byte) error
	// Watch gives what is there under prefix, by key, then an Event with Key
	// "" (all was given), then what changes, in some order that keeps the
	// order of changes of one key. Intermediate values may be left out; the
	// last never is. It goes on after a lost session, and ends with ctx (whose
	// error it then yields) or when the consumer stops.
	Watch(ctx context.Context, prefix string) iter.Seq2[Event, error]
	// Lead waits until the caller leads the election. The context that it
	// returns ends with ctx or when the lead is lost, before another leads.
	Lead(ctx context.Context, election string) (context.Context, error)
}

// A Direct is a Coordinator in the process of those who announce and watch:
// descriptors need not be written and read again on the way.
type Direct interface {
	Coordinator
	// AnnounceSegments is Announce of descriptors by the keys that ServedKey
	// makes, all at once; as JSON for who watches so. To Set one of the keys to
	// nil takes it back alone.
	AnnounceSegments(ctx context.Context, server string, list []*Descriptor) error
	// WatchSegments is Watch, several events at a time, with Segment and Server
	// in place of the Value of what AnnounceSegments announced. The slice is
	// valid until the next one.
	WatchSegments(ctx context.Context, prefix string) iter.Seq2[[]Event, error]
}

// An Event is a key's value; one without says that the key is gone.
type Event struct {
	Key     string
	Value   []byte
	Segment *Descriptor // of a Direct, in place of Value
	Server  string      // who announced the Segment
}

// Gone says whether the key is.
func (e Event) Gone() bool { return e.Value == nil && e.Segment == nil }

// Storage keeps sealed segments: deep storage. Keys are paths with "/" between
// elements; empty elements, "." and ".." are fault.Invalid. No key may be the
// beginning of another one's path.
type Storage interface {
	// Put stores all of r, or nothing on error. It takes the place of what was
	// under key before, at once for readers who open it later.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open reads; a key that does not exist is fault.NotFound. The caller
	// closes. An object that is replaced or deleted meanwhile is read on, or
	// fails; it is never torn silently.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// List gives the keys that begin with prefix, in no promised order.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
	// Delete forgets key; one that does not exist is no error.
	Delete(ctx context.Context, key string) error
}
