// Package dashboard is the live page of a training: a [Board], to which a run writes, and
// a [Server], which shows it to browsers and takes what they ask of the run.
package dashboard

import (
	"context"
	"crypto/rand"
	"embed"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
)

//go:embed assets
var assets embed.FS

// A Server serves the page of a run.
type Server struct {
	board   *Board
	names   []string // hosts that requests may be for, beside addresses
	url     string
	token   string // who has it may pause and stop
	http    *http.Server
	viewers atomic.Int32
	beat    time.Duration // between two looks at the board

	ended    chan struct{} // closed when the board has its final state
	end      sync.Once
	finished chan struct{} // closed when nothing listens any more
}

const (
	// maxViewers is how many streams there may be at once.
	maxViewers = 64
	// patience is how long one write may take: a viewer slower than that is let go, and
	// may come again.
	patience = 10 * time.Second
	// farewell is how long Close waits for viewers to be told.
	farewell = time.Second
)

// Listen starts a server. Without a host, addr is one of the loopback interface.
func Listen(addr string, board *Board) (*Server, error) {
	host, port, err := split(addr)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, errors.Wrap(err, `it cannot listen; port 0, as in ":0", is any that is free`)
	}
	s := &Server{
		board: board, names: names(host), token: rand.Text(), beat: time.Second / 2,
		ended: make(chan struct{}), finished: make(chan struct{}),
	}
	s.url = "http://" + shown(host, l.Addr().(*net.TCPAddr)) + "/#" + s.token
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: patience, WriteTimeout: patience,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(s.finished)
		_ = s.http.Serve(l) // which ends by Close
	}()
	return s, nil
}

// URL is that of the page, with the token that lets it pause and stop the run.
func (s *Server) URL() string { return s.url }

// Viewers returns how many look on.
func (s *Server) Viewers() int { return int(s.viewers.Load()) }

// Close ends the server: viewers get what the board has last, and are gone.
func (s *Server) Close() {
	s.end.Do(func() { close(s.ended) })
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.http.Shutdown(ctx) != nil { // somebody does not read
		_ = s.http.Close()
	}
	<-s.finished
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", file("index.html", "text/html; charset=utf-8"))
	mux.Handle("GET /style.css", file("style.css", "text/css; charset=utf-8"))
	mux.Handle("GET /app.js", file("app.js", script))
	mux.Handle("GET /chart.js", file("chart.js", script))
	mux.Handle("GET /icon.svg", file("icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /picture/{i}", s.picture)
	for path, what := range map[string]int32{"pause": askedPause, "continue": askedGo, "stop": askedStop} {
		mux.HandleFunc("POST /"+path, s.control(what))
	}
	return s.protect(mux)
}

const script = "text/javascript; charset=utf-8"

// file serves one of the assets. It names the type, which what a system knows of types may
// not.
func file(name, kind string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		http.ServeFileFS(w, r, assets, "assets/"+name)
	})
}

func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PathValue("i"))
	if err != nil || i < 0 || i >= len(s.board.info.Pictures) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(s.board.info.Pictures[i])
}

func (s *Server) control(what int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !s.trusts(r):
			http.Error(w, "open the address that the program printed: it has the token that this wants", http.StatusForbidden)
		case !s.board.ask(what):
			http.Error(w, "the run has ended, or is about to", http.StatusConflict)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}
