package train

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// terminal returns both ends of a terminal of 80 columns.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	open := func(path string) *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY, 0)
		if err != nil {
			t.Skipf("no terminal to be had: %v", err)
		}
		return f
	}
	control := func(f *os.File, request uintptr, argument unsafe.Pointer) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(argument)); errno != 0 {
			t.Skipf("no terminal to be had: %v", errno)
		}
	}
	master = open("/dev/ptmx")
	t.Cleanup(func() { master.Close() })
	var locked, number int32
	control(master, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(master, syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave = open(fmt.Sprint("/dev/pts/", number))
	control(slave, syscall.TIOCSWINSZ, unsafe.Pointer(&[4]uint16{24, 80}))
	return master, slave
}

// On a terminal the bar of an epoch stays in its line, however many metrics
// there are, and gives place to the line of the epoch.
func TestBarStaysInItsLine(t *testing.T) {
	master, slave := terminal(t)
	ds := twoClasses(t, 96)
	slow := &wayward{Dataset: ds, batch: func(indices []int) (*tensor.Dense, *tensor.Dense, error) {
		time.Sleep(120 * time.Millisecond) // longer than between two drawings
		return ds.Batch(indices)
	}}
	metrics := []nodes.Metric{nodes.Accuracy(), nodes.ConfusionMatrix(2), nodes.TopK(1), nodes.TopK(2)}
	seen := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(master) // ends with an error when the other end is closed
		seen <- all
	}()
	if _, err := Fit(t.Context(), plane(t), slow, nodes.CrossEntropy(), SGD(0.1), Metrics(metrics...), ReportTo(slave)); err != nil {
		t.Fatal(err)
	}
	if err := slave.Close(); err != nil {
		t.Fatal(err)
	}
	frames := strings.Split(strings.NewReplacer("\x1b[2K", "", "\x1b[0K", "").Replace(string(<-seen)), "\r")
	bars := 0
	for _, frame := range frames {
		if !strings.Contains(frame, "%") {
			continue
		}
		bars++
		if utf8.RuneCountInString(frame) > 80 || !strings.Contains(frame, " samples/s) [") || bars > 1 && !strings.HasPrefix(frame, "epoch 1/1 loss 0.") {
			t.Errorf("the bar is %q, want at most 80 characters with the loss, samples per second and the time", frame)
		}
	}
	if bars < 3 {
		t.Errorf("got %d drawings in half a second, want several: %q", bars, frames)
	}
	// A terminal turns \n into \r\n.
	if last := frames[len(frames)-2]; !strings.HasPrefix(last, "epoch 1/1  loss 0.") || !strings.Contains(last, "  top2 1.0000  ") {
		t.Errorf("the last line is %q, want the epoch", last)
	}
}
