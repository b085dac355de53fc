package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/thinnet/thinnet/deploy/batching"
	"github.com/thinnet/thinnet/graph"
)

// limits are what a server grants.
type limits struct {
	batch, queue  int
	wait, timeout time.Duration
	body          int64
}

// A predictor is a [deploy.Predictor], or a slow one in tests.
type predictor interface {
	PredictInto(dst, x []float32) error
	Shape() graph.Shape
	OutputShape() graph.Shape
}

type server struct {
	limits
	in, out int // elements of a sample and of its output
	batches *batching.Batcher
	metrics *metrics
	ready   atomic.Bool
	mux     http.Handler
}

func newServer(p predictor, l limits) (*server, error) {
	s := &server{limits: l, in: p.Shape()[1:].TotalSize(), out: p.OutputShape()[1:].TotalSize()}
	s.metrics = newMetrics(func() float64 { return float64(s.batches.Waiting()) })
	var err error
	s.batches, err = batching.New(p.PredictInto, s.in, s.out, batching.MaxBatch(l.batch), batching.MaxWait(l.wait),
		batching.Queue(l.queue), batching.Observe(s.metrics.batch))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /predict", s.metrics.counted(http.HandlerFunc(s.predict)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	s.mux = mux
	s.ready.Store(true)
	return s, nil
}

// serve answers until ctx is done. It then says that it is not ready, goes on for the time
// of notice, so that whoever shares out requests sends them to others, and answers what is
// open, for as long as drain.
func (s *server) serve(ctx context.Context, at net.Listener, notice, drain time.Duration) error {
	defer s.batches.Close()
	h := &http.Server{
		Handler: s.mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: s.timeout + 15*time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		s.ready.Store(false)
		time.Sleep(notice)
		late, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		stopped <- h.Shutdown(late)
	}()
	if err := h.Serve(at); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// predict answers POST /predict.
func (s *server) predict(w http.ResponseWriter, r *http.Request) {
	x, status, err := s.read(w, r)
	if err != nil {
		fail(w, status, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	defer cancel()
	y := make([]float32, len(x)/s.in*s.out)
	err = s.batches.Predict(ctx, y, x)
	switch {
	case errors.Is(err, batching.ErrBusy):
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, err)
	case errors.Is(err, batching.ErrClosed):
		fail(w, http.StatusServiceUnavailable, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		fail(w, http.StatusServiceUnavailable, fmt.Errorf("no answer within %v", s.timeout))
	case err != nil:
		fail(w, http.StatusInternalServerError, err)
	default:
		s.write(w, y)
	}
}

// read returns the samples of a request, or the status to refuse it with.
func (s *server) read(w http.ResponseWriter, r *http.Request) (x []float32, status int, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType, fmt.Errorf("the content type is %q, want application/json", r.Header.Get("Content-Type"))
	}
	var body struct {
		Inputs [][]float32 `json:"inputs"`
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.body))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the body has more than %d bytes", s.body)
	}
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(&body)
		if _, more := d.Token(); err == nil && more != io.EOF {
			err = errors.New("there is more after the JSON")
		}
	}
	if err == nil && bytes.Contains(raw, []byte("null")) { // which encoding/json takes for 0
		err = errors.New("null is no number")
	}
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf(`%w; want {"inputs": [[...], ...]}`, err)
	}
	if n := len(body.Inputs); n < 1 || n > s.batch {
		return nil, http.StatusBadRequest, fmt.Errorf("there are %d inputs, want 1 to %d", n, s.batch)
	}
	for i, sample := range body.Inputs {
		if len(sample) != s.in {
			return nil, http.StatusBadRequest, fmt.Errorf("input %d has %d numbers, want %d", i, len(sample), s.in)
		}
		x = append(x, sample...)
	}
	return x, http.StatusOK, nil
}

// write answers with outputs.
func (s *server) write(w http.ResponseWriter, y []float32) {
	var body struct {
		Outputs [][]float32 `json:"outputs"`
	}
	for i, v := range y {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) { // JSON has no such numbers
			fail(w, http.StatusUnprocessableEntity, fmt.Errorf("output %d of input %d is %v; are the inputs too large?", i%s.out, i/s.out, v))
			return
		}
	}
	for at := 0; at < len(y); at += s.out {
		body.Outputs = append(body.Outputs, y[at:at+s.out])
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // who does not read it is gone
}

func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
