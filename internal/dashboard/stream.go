package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// quiet is after how long a stream says that it lives.
const quiet = 15 * time.Second

// events streams the run: what it is, all that the board has, and then what is new, a few
// times a second. Nothing waits for a viewer, and nothing is kept for one: who is slow
// gets more at a time.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	if s.viewers.Add(1) > maxViewers {
		s.viewers.Add(-1)
		http.Error(w, "too many look on", http.StatusServiceUnavailable)
		return
	}
	defer s.viewers.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	st := stream{w: w, c: http.NewResponseController(w)}
	if st.send("info", s.board.info) != nil {
		return
	}
	tick := time.NewTicker(s.beat)
	defer tick.Stop()
	var seen view
	for last := false; ; {
		var err error
		if n := s.board.since(&seen); n != nil {
			err = st.send("news", n)
		} else if time.Since(st.at) > quiet {
			err = st.write(": here\n\n")
		}
		if err == nil && last {
			err = st.send("end", struct{}{})
		}
		if last || err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-s.ended:
			last = true
		}
	}
}

// A stream is one viewer's.
type stream struct {
	w  http.ResponseWriter
	c  *http.ResponseController
	at time.Time // of the last write
}

func (s *stream) send(event string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\nretry: 1000\ndata: %s\n\n", event, b))
}

func (s *stream) write(text string) error {
	s.at = time.Now()
	if err := s.c.SetWriteDeadline(s.at.Add(patience)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.c.Flush()
}
