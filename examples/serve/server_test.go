package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
)

var usual = limits{batch: 32, queue: 1000, wait: 2 * time.Millisecond, timeout: time.Minute, body: 1 << 20}

// open freezes a classifier that learned nothing, and opens it.
func open(t *testing.T) *deploy.Predictor {
	t.Helper()
	m, err := graph.Build(classifier, graph.Shape{32, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "digits.thinnet")
	if err := deploy.Freeze(m, path); err != nil {
		t.Fatal(err)
	}
	p, err := deploy.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// start serves on loopback. stop tells the server to end and returns when it has.
func start(t *testing.T, p predictor, l limits) (url string, s *server, stop func() error) {
	t.Helper()
	s, err := newServer(p, l)
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, at, 0, time.Minute) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return "http://" + at.Addr().String(), s, stop
}

func image(seed int) []float32 {
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	x := make([]float32, 28*28)
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

func post(url, body string) (status int, answer string, err error) {
	resp, err := http.Post(url+"/predict", "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// ask predicts an image and compares the answer with a direct prediction.
func ask(url string, p *deploy.Predictor, seed int) (status int, err error) {
	x := image(seed)
	body, err := json.Marshal(map[string][][]float32{"inputs": {x}})
	if err != nil {
		return 0, err
	}
	status, answer, err := post(url, string(body))
	if err != nil || status != http.StatusOK {
		return status, err
	}
	var got struct{ Outputs [][]float32 }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Outputs) != 1 || len(got.Outputs[0]) != 10 {
		return status, fmt.Errorf("request %d: got %q, %v, want one output of ten numbers", seed, answer, err)
	}
	want := make([]float32, 10)
	if err := p.PredictInto(want, x); err != nil {
		return status, err
	}
	for i, v := range got.Outputs[0] {
		if math.Abs(float64(v-want[i])) > 1e-5 { // a batch may be computed in another order
			return status, fmt.Errorf("request %d: output %d is %v, want %v", seed, i, v, want[i])
		}
	}
	return status, nil
}

func TestAThousandRequestsAtOnce(t *testing.T) {
	p := open(t)
	url, s, stop := start(t, p, usual)
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range 1000 {
		group.Go(func() {
			<-gate
			if status, err := ask(url, p, i); err != nil || status != http.StatusOK {
				t.Errorf("request %d: status %d, %v", i, status, err)
			}
		})
	}
	close(gate)
	group.Wait()
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Contains(page, []byte(`predict_requests_total{code="200"} 1000`)) || !bytes.Contains(page, []byte("predict_batch_samples_sum 1000")) {
		t.Errorf("the metrics do not tell of 1000 requests and samples (%v):\n%s", err, page)
	}
	if s.batches.Waiting() != 0 {
		t.Error("requests are left in the queue")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestBadRequests(t *testing.T) {
	url, _, _ := start(t, open(t), limits{batch: 2, queue: 10, timeout: time.Minute, body: 1 << 16})
	zeros := "[" + strings.Repeat("0,", 783) + "0]"
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"nothing", "", 400, "EOF"},
		{"no JSON", "inputs", 400, "invalid character"},
		{"another type", `{"inputs": "x"}`, 400, "cannot unmarshal"},
		{"another field", `{"input": [[1]]}`, 400, "unknown field"},
		{"no inputs", `{"inputs": []}`, 400, "0 inputs, want 1 to 2"},
		{"too many inputs", `{"inputs": [` + zeros + "," + zeros + "," + zeros + "]}", 400, "3 inputs, want 1 to 2"},
		{"a short input", `{"inputs": [` + zeros + ",[1,2]]}", 400, "input 1 has 2 numbers, want 784"},
		{"null", `{"inputs": [` + strings.Replace(zeros, "0", "null", 1) + "]}", 400, "null"},
		{"a number too large", `{"inputs": [` + strings.Replace(zeros, "0", "1e60", 1) + "]}", 400, "1e60"},
		{"two bodies", `{"inputs": [` + zeros + "]} {}", 400, "more after"},
		{"too long", `{"inputs": [[` + strings.Repeat("0,", 1<<16) + "0]]}", 413, "more than 65536 bytes"},
		{"one that is right", `{"inputs": [` + zeros + "," + zeros + "]}", 200, "outputs"},
	} {
		status, answer, err := post(url, c.body)
		if err != nil || status != c.status || !strings.Contains(answer, c.want) {
			t.Errorf("%s: got %d %s, %v, want %d and %q in it", c.name, status, answer, err, c.status, c.want)
		}
	}
	for _, c := range []struct {
		method, path, kind string
		status             int
	}{
		{"GET", "/predict", "", 405}, {"POST", "/predict", "text/plain", 415}, {"POST", "/predict", "", 415},
		{"GET", "/none", "", 404}, {"GET", "/healthz", "", 200}, {"GET", "/readyz", "", 200},
	} {
		req, err := http.NewRequest(c.method, url+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.kind)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s %s as %q: got %d, want %d", c.method, c.path, c.kind, resp.StatusCode, c.status)
		}
	}
}

// slow is a predictor whose batches wait to be let go.
type slow struct {
	*deploy.Predictor
	began chan int // with so many samples
	let   chan struct{}
}

func (p slow) PredictInto(dst, x []float32) error {
	p.began <- len(x) / (28 * 28)
	<-p.let
	return p.Predictor.PredictInto(dst, x)
}

func TestOverload(t *testing.T) {
	p := slow{open(t), make(chan int, 1000), make(chan struct{})}
	url, s, _ := start(t, p, limits{batch: 1, queue: 5, timeout: time.Minute, body: 1 << 20})
	counts, results := map[int]int{}, make(chan int)
	for i := range 100 {
		go func() {
			status, err := ask(url, p.Predictor, i)
			if err != nil {
				t.Error(err)
			}
			results <- status
		}()
	}
	for range 94 { // one is predicted, five wait
		counts[<-results]++
	}
	<-p.began
	if n := s.batches.Waiting(); n != 5 {
		t.Errorf("%d requests wait, want 5", n)
	}
	close(p.let)
	for range 6 {
		counts[<-results]++
	}
	if counts[200] != 6 || counts[429] != 94 {
		t.Errorf("got %v, want 6 of 200 and 94 of 429", counts)
	}
}

// infinite is a predictor of what JSON does not know.
type infinite struct{ *deploy.Predictor }

func (infinite) PredictInto(dst, _ []float32) error {
	dst[3] = float32(math.Inf(1))
	return nil
}

func TestOutputsThatAreNoNumbers(t *testing.T) {
	p := open(t)
	url, _, _ := start(t, infinite{p}, usual)
	if status, err := ask(url, p, 1); err != nil || status != http.StatusUnprocessableEntity {
		t.Errorf("got %d, %v, want 422", status, err)
	}
}

func TestTimeouts(t *testing.T) {
	p := slow{open(t), make(chan int, 1000), make(chan struct{})}
	url, _, _ := start(t, p, limits{batch: 1, queue: 5, timeout: 20 * time.Millisecond, body: 1 << 20})
	first := make(chan int)
	go func() { status, _ := ask(url, p.Predictor, 1); first <- status }()
	<-p.began
	if status, err := ask(url, p.Predictor, 2); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("a request that waits for too long: got %d, %v, want 503", status, err)
	}
	close(p.let)
	if status := <-first; status != http.StatusOK {
		t.Errorf("the one before, in a batch already: got %d, want 200", status)
	}
}

// Who was let in is answered.
func TestShutdownDrains(t *testing.T) {
	p := slow{open(t), make(chan int, 1000), make(chan struct{})}
	url, s, stop := start(t, p, limits{batch: 4, queue: 100, timeout: time.Minute, body: 1 << 20})
	results := make(chan error)
	for i := range 40 {
		go func() {
			status, err := ask(url, p.Predictor, i)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("status %d", status)
			}
			results <- err
		}()
	}
	first := <-p.began
	for s.batches.Waiting() < 40-first {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error)
	go func() { ended <- stop() }()
	for s.ready.Load() {
		time.Sleep(time.Millisecond)
	}
	close(p.let)
	for range 40 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("the server still answers")
	}
}
