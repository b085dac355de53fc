package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/thinnet/thinnet/deploy/batching"
)

// metrics are what /metrics tells of a server.
type metrics struct {
	registry                *prometheus.Registry
	requests                *prometheus.CounterVec   // by status
	seconds                 *prometheus.HistogramVec // of a request
	samples, waited, taking prometheus.Histogram     // of a batch
	failures                prometheus.Counter       // the same
}

func newMetrics(waiting func() float64) *metrics {
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	}
	times := prometheus.ExponentialBuckets(1e-4, 2, 16) // up to 3.3 s
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "predict_requests_total", Help: "Requests answered."}, []string{"code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "predict_request_seconds", Help: "Time from a request to its answer.", Buckets: times}, nil),
		samples:  histogram("predict_batch_samples", "Samples of a batch.", prometheus.ExponentialBuckets(1, 2, 9)),
		waited:   histogram("predict_batch_wait_seconds", "Time that the first request of a batch waited.", times),
		taking:   histogram("predict_batch_seconds", "Time that a batch took.", times),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "predict_batch_failures_total", Help: "Batches that failed."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.samples, m.waited, m.taking, m.failures,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "predict_queue_requests", Help: "Requests in the queue."}, waiting),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// counted counts and times the requests of a handler.
func (m *metrics) counted(h http.Handler) http.Handler {
	return promhttp.InstrumentHandlerCounter(m.requests, promhttp.InstrumentHandlerDuration(m.seconds, h))
}

// batch is told of each batch.
func (m *metrics) batch(b batching.Batch) {
	m.samples.Observe(float64(b.Samples))
	m.waited.Observe(b.Waited.Seconds())
	m.taking.Observe(b.Took.Seconds())
	if b.Err != nil {
		m.failures.Inc()
	}
}
