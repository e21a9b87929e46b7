//go:build processes

package conformance

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy passes connections on to a server, and cuts answers short if told to.
type proxy struct {
	to       string
	listener net.Listener
	mu       sync.Mutex
	cut      *cut
}

// A cut is where answers break off.
type cut struct {
	after int           // bytes of a connection from now on
	once  sync.Once     // then is done once
	then  func()        // before the first is cut
	made  chan struct{} // closed after that
}

func newProxy(t *testing.T, to string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: to, listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(in)
		}
	}()
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// breakOff cuts every answer after that many bytes, until mend.
func (p *proxy) breakOff(after int, then func()) *cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = &cut{after: after, then: then, made: make(chan struct{})}
	return p.cut
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = nil
}

func (p *proxy) now() *cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut
}

// pass copies both ways.
func (p *proxy) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		_, _ = io.Copy(out, in)
		_ = out.(*net.TCPConn).CloseWrite()
	}()
	var under *cut
	sent := 0
	buf := make([]byte, 4096)
	for {
		n, err := out.Read(buf)
		if now := p.now(); now != under {
			under, sent = now, 0
		}
		if under != nil && sent+n > under.after {
			_, _ = in.Write(buf[:max(0, under.after-sent)])
			under.once.Do(func() {
				if under.then != nil {
					under.then()
				}
				close(under.made)
			})
			return
		}
		sent += n
		if _, werr := in.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
