package train

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A wire leads to a page, and can be cut.
type wire struct {
	net.Listener
	to  string
	cut atomic.Bool
}

// newWire returns a wire, and the address of the page at its other end.
func newWire(t *testing.T, p *LivePage) (*wire, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	to, token, _ := strings.Cut(strings.TrimPrefix(p.URL(), "http://"), "/")
	w := &wire{Listener: l, to: to}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.lead(c)
		}
	}()
	return w, "http://" + l.Addr().String() + "/" + token
}

// lead leads one connection there and back, until an end closes it or the wire is cut.
func (w *wire) lead(c net.Conn) {
	defer c.Close()
	if w.cut.Load() {
		return
	}
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	done := make(chan struct{}, 2)
	for _, ends := range [][2]net.Conn{{c, far}, {far, c}} {
		go func() {
			_, _ = io.Copy(ends[0], ends[1])
			done <- struct{}{}
		}()
	}
	for !w.cut.Load() {
		select {
		case <-done:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}
