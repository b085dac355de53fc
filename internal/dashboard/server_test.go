package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// serve starts a server of a run with one metric, that ends with the test.
func serve(t *testing.T, addr string) (*Board, *Server) {
	t.Helper()
	b := NewBoard(Info{Run: "one", Name: "test", Epochs: 10, StepsPerEpoch: 100, Metrics: []string{"accuracy"}, Pictures: [][]byte{[]byte("png")}})
	s, err := Listen(addr, b)
	if err != nil {
		t.Fatal(err)
	}
	s.beat = time.Millisecond
	t.Cleanup(s.Close)
	return b, s
}

// site is the address of the page, without the token.
func (s *Server) site() string {
	site, _, _ := strings.Cut(s.url, "/#")
	return site
}

// request sends a request with the headers given in pairs, and returns status and body.
func request(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// A viewer reads a stream.
type viewer struct {
	t     *testing.T
	body  io.Closer
	lines *bufio.Scanner
	rows  int // of steps, so far
	last  news
}

func look(t *testing.T, s *Server) *viewer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.site()+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("a stream of status %d and type %s", answer.StatusCode, kind)
	}
	v := &viewer{t: t, body: answer.Body, lines: bufio.NewScanner(answer.Body)}
	v.lines.Buffer(nil, 1<<20)
	return v
}

// next returns an event, "" at the end of the stream.
func (v *viewer) next() (event, data string) {
	for v.lines.Scan() {
		line := v.lines.Text()
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
		}
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			return event, text
		}
	}
	return "", ""
}

// until reads news until one will do.
func (v *viewer) until(what string, ok func(n news) bool) {
	v.t.Helper()
	for {
		event, data := v.next()
		switch event {
		case "":
			v.t.Fatalf("the stream ended before %s", what)
		case "news":
			var n struct {
				Steps *struct {
					Anew bool
					Rows [][]float64
				}
				Status struct {
					State   State
					Message string
					Step    int
				}
				Predictions []Prediction
			}
			if err := json.Unmarshal([]byte(data), &n); err != nil {
				v.t.Fatalf("%v in %s", err, data)
			}
			if n.Steps != nil {
				if n.Steps.Anew {
					v.rows = 0
				}
				v.rows += len(n.Steps.Rows)
			}
			v.last = news{Status: status{State: n.Status.State, Message: n.Status.Message, Step: n.Status.Step}, Predictions: n.Predictions}
			if ok(v.last) {
				return
			}
		}
	}
}

func TestViewersSeeTheRun(t *testing.T) {
	b, s := serve(t, "")
	early := look(t, s)
	if event, data := early.next(); event != "info" || !strings.Contains(data, `"run":"one"`) {
		t.Fatalf("the first event is %s: %s", event, data)
	}
	for i := range 500 {
		b.Step(1, i+1, 0, 1, 0.1)
	}
	b.Pace(Pace{Rate: 100, Left: time.Minute}, []float64{0.5})
	b.Epoch(1, 500, []float64{1, 0.5, 2, 0.4})
	b.Predictions([]Prediction{Predicted("cat", true, 0.9, 0.9)})
	late := look(t, s)
	for name, v := range map[string]*viewer{"early": early, "late": late} {
		v.until("all was said", func(n news) bool { return v.rows == 500 && n.Status.Step == 500 })
		if v.rows != 500 {
			t.Errorf("%s: %d steps", name, v.rows)
		}
	}
	if len(late.last.Predictions) != 1 {
		t.Errorf("the late viewer has the predictions %v", late.last.Predictions)
	}
	if s.Viewers() != 2 {
		t.Errorf("%d viewers, want 2", s.Viewers())
	}
	b.Enter(Failed, "the disk is full")
	go s.Close()
	for _, v := range []*viewer{early, late} {
		v.until("the run failed", func(n news) bool { return n.Status.State == Failed && n.Status.Message == "the disk is full" })
		if event, _ := v.next(); event != "end" {
			t.Errorf("after the final state there is %q, want end", event)
		}
		if event, _ := v.next(); event != "" {
			t.Errorf("after the end there is %q", event)
		}
	}
}

func TestPauseContinueStop(t *testing.T) {
	b, s := serve(t, "")
	post := func(what string, want int) {
		t.Helper()
		if answer, body := request(t, "POST", s.site()+"/"+what, "X-Token", s.token, "Origin", s.site()); answer.StatusCode != want {
			t.Fatalf("%s: %s, %q, want status %d", what, answer.Status, body, want)
		}
	}
	v := look(t, s)
	if held, err := b.Hold(t.Context()); held != 0 || err != nil {
		t.Fatalf("a run that goes on is held for %v, %v", held, err)
	}
	post("pause", 204)
	v.until("it was asked for a pause", func(n news) bool { return n.Status.State == Pausing })
	b.Enter(Validating, "") // which ends before the pause
	free := make(chan error)
	hold := func(ctx context.Context) {
		_, err := b.Hold(ctx)
		free <- err
	}
	go hold(t.Context())
	v.until("it paused", func(n news) bool { return n.Status.State == Paused })
	select {
	case <-free:
		t.Fatal("it is not held")
	case <-time.After(20 * time.Millisecond):
	}
	post("continue", 204)
	if err := <-free; err != nil {
		t.Fatal(err)
	}
	v.until("it went on", func(n news) bool { return n.Status.State == Running })

	post("pause", 204)
	ctx, cancel := context.WithCancel(t.Context())
	go hold(ctx)
	cancel()
	if err := <-free; err != context.Canceled {
		t.Errorf("cancelled, it returned %v", err)
	}
	go hold(t.Context())
	post("stop", 204)
	if err := <-free; err != nil || !b.Stop() {
		t.Errorf("stopped while it paused: %v, stop %v", err, b.Stop())
	}
	post("stop", 204)
	post("continue", 409)
	b.Enter(Stopped, "")
	post("stop", 409)
}

// What other sites, and programs without the token, send is refused.
func TestRequestsOfOthers(t *testing.T) {
	b, s := serve(t, "")
	port := s.site()[strings.LastIndex(s.site(), ":"):]
	for _, c := range []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"the page", "GET", "/", nil, 200},
		{"the page, by name", "GET", "/", []string{"Host", "localhost" + port}, 200},
		{"the page, through a tunnel", "GET", "/", []string{"Host", "localhost:1234"}, 200},
		{"the page, by an address of version 6", "GET", "/", []string{"Host", "[::1]" + port}, 200},
		{"a name that leads here", "GET", "/", []string{"Host", "evil.example" + port}, 421},
		{"a name that begins like ours", "GET", "/events", []string{"Host", "localhost.evil.example"}, 421},
		{"stop by such a name", "POST", "/stop", []string{"Host", "evil.example", "X-Token", s.token}, 421},
		{"no token", "POST", "/stop", nil, 403},
		{"another token", "POST", "/stop", []string{"X-Token", s.token[1:] + "A"}, 403},
		{"another site", "POST", "/stop", []string{"X-Token", s.token, "Origin", "http://evil.example"}, 403},
		{"another port", "POST", "/stop", []string{"X-Token", s.token, "Origin", "http://127.0.0.1:1"}, 403},
		{"another site, as browsers say it", "POST", "/pause", []string{"X-Token", s.token, "Sec-Fetch-Site", "cross-site"}, 403},
		{"a link", "GET", "/stop", []string{"X-Token", s.token}, 405},
		{"a file that is not there", "GET", "/server.go", nil, 404},
		{"a path out of the folder", "GET", "/..%2fserver.go", nil, 404},
		{"a picture", "GET", "/picture/0", nil, 200},
		{"a picture that is not there", "GET", "/picture/1", nil, 404},
		{"no picture", "GET", "/picture/x", nil, 404},
	} {
		answer, body := request(t, c.method, s.site()+c.path, c.headers...)
		if answer.StatusCode != c.want {
			t.Errorf("%s: %s, %q, want status %d", c.name, answer.Status, body, c.want)
		}
		if csp := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", c.name, csp)
		}
		if strings.Contains(body, s.token) {
			t.Errorf("%s: the answer has the token", c.name)
		}
	}
	if b.Stop() || b.Pausing() {
		t.Error("one of them was obeyed")
	}
}

// The page has no script and no style in itself, which the policy would refuse, and
// nothing from elsewhere.
func TestAssetsAreAllThereIs(t *testing.T) {
	_, s := serve(t, "")
	for path, kind := range map[string]string{"/": "text/html", "/style.css": "text/css", "/app.js": "text/javascript", "/chart.js": "text/javascript", "/icon.svg": "image/svg+xml"} {
		answer, body := request(t, "GET", s.site()+path)
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || !strings.HasPrefix(got, kind) {
			t.Errorf("%s: %s, type %s, want %s", path, answer.Status, got, kind)
		}
		for _, bad := range []string{"eval(", "innerHTML", "style=", "onclick", "https://", "<script>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}
	}
}

// A viewer that does not read keeps neither the run nor the end waiting.
func TestSlowViewer(t *testing.T) {
	b, s := serve(t, "")
	c, err := net.Dial("tcp", strings.TrimPrefix(s.site(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	many := make([]Prediction, 10000) // fills what a connection holds
	for i := range many {
		many[i] = Predicted("a class with a long name", false, 0.5, 0.5)
	}
	var longest time.Duration
	for i := range 300 {
		began := time.Now()
		b.Step(1, i+1, 0, 1, 0.1)
		longest = max(longest, time.Since(began))
		b.Predictions(many)
		time.Sleep(time.Millisecond)
	}
	if longest > patience/2 {
		t.Errorf("a step waited %v", longest)
	}
	if s.Viewers() != 1 {
		t.Errorf("%d viewers, want the slow one", s.Viewers())
	}
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > patience/2 {
		t.Errorf("the end took %v", took)
	}
}

func TestManyViewers(t *testing.T) {
	_, s := serve(t, "")
	for range maxViewers {
		v := look(t, s)
		v.next()
	}
	if answer, _ := request(t, "GET", s.site()+"/events"); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one too many got %s", answer.Status)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		b, s := serve(t, "")
		v := look(t, s)
		v.next()
		b.Enter(Done, "")
		s.Close()
		s.Close() // once more does no harm
		v.body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	for wait := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(wait) > 5*time.Second {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func TestAddresses(t *testing.T) {
	_, taken := serve(t, ":0")
	port := taken.site()[strings.LastIndex(taken.site(), ":"):]
	for addr, want := range map[string]string{
		"8080":           `want HOST:PORT or :PORT`,
		"localhost":      `want HOST:PORT or :PORT`,
		":http":          `the port is "http", want a number`,
		":70000":         `the port is "70000", want a number of 0 to 65535`,
		port:             `port 0, as in ":0", is any that is free`,
		"192.0.2.1:8080": `it cannot listen`,
	} {
		s, err := Listen(addr, NewBoard(Info{}))
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got the error %v, want one with %q", addr, err, want)
		}
	}
	for addr, want := range map[string]string{"": "http://127.0.0.1:", ":0": "http://127.0.0.1:", "localhost:0": "http://localhost:"} {
		if _, s := serve(t, addr); !strings.HasPrefix(s.URL(), want) {
			t.Errorf("%q is shown at %s, want %s", addr, s.URL(), want)
		}
	}
	if _, s := serve(t, "0.0.0.0:0"); strings.Contains(s.URL(), "0.0.0.0") {
		t.Errorf("a browser does not get to %s", s.URL())
	}
}
