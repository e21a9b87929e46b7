package flight

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"

	"github.com/ovatedb/ovate/internal/data"
)

// A message is a FlightData on its way out. Its columns lie where they were
// decoded: they are neither gathered into a body nor copied into protobuf.
//
//	0x12       length  field 2, data_header: the metadata of the IPC message
//	0xC2 0x3E  length  field 1000, data_body: the buffers of its columns, each
//	                   filled up as the metadata says
//
// It is the mem.BufferPool that gRPC gives its buffers back to.
type message struct {
	scratch *data.Scratch // what its columns were decoded into; nil: it has none
	spare   chan<- *data.Scratch
	left    atomic.Int32 // buffers in scratch that are not written yet, and one until it is sent
	parts   mem.BufferSlice
	body    int // bytes
}

// The tags of FlightData's fields, which are bytes after their length.
const (
	headerTag = 2<<3 | 2
	bodyTag   = 1000<<3 | 2
)

// newMessage is a message without a body, which will give scratch to spare when
// it was written, if there is room.
func newMessage(scratch *data.Scratch, spare chan<- *data.Scratch) *message {
	m := &message{scratch: scratch, spare: spare, parts: make(mem.BufferSlice, 1, 32)}
	m.left.Store(1)
	return m
}

// Write adds a buffer to the body: as it is if it lies in the message's memory,
// else as a copy, because it may be valid only now. Small ones gRPC would not
// give back, so that memory could be reused too early: they are copied as well.
func (m *message) Write(b []byte) (int, error) {
	m.body += len(b)
	n := len(b)
	switch {
	case m.scratch == nil || mem.IsBelowBufferPoolingThreshold(n):
		m.parts = append(m.parts, mem.SliceBuffer(bytes.Clone(b)))
		return n, nil
	case !m.scratch.Owns(b):
		own := data.Make[byte](m.scratch, n)
		copy(own, b)
		b = own
	}
	m.left.Add(1)
	m.parts = append(m.parts, mem.NewBuffer(&b, m))
	return n, nil
}

// finish puts what comes before the body first.
func (m *message) finish(metadata []byte) {
	head := make([]byte, 0, len(metadata)+4*binary.MaxVarintLen32)
	head = binary.AppendUvarint(head, headerTag)
	head = binary.AppendUvarint(head, uint64(len(metadata)))
	head = append(head, metadata...)
	head = binary.AppendUvarint(head, bodyTag)
	head = binary.AppendUvarint(head, uint64(m.body))
	m.parts[0] = mem.SliceBuffer(head)
}

// Get is never called: buffers come from the scratch.
func (m *message) Get(n int) *[]byte { panic(fmt.Sprintf("a message was asked for %d bytes", n)) }

// Put takes a buffer back; with the last one the scratch is free. If the stream
// breaks off before, the scratch is left to the collector.
func (m *message) Put(*[]byte) {
	if m.left.Add(-1) > 0 || m.scratch == nil {
		return
	}
	select {
	case m.spare <- m.scratch:
	default:
	}
}

// codec is gRPC's own, but for messages, which are encoded already.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Marshal gives the wire format of v.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if m, ok := v.(*message); ok {
		return m.parts, nil
	}
	return c.CodecV2.Marshal(v)
}
