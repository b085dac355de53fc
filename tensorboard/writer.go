package tensorboard

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// A Writer writes one event file. Every event is handed to the system when it is
// written, whole, so that a reader sees it at once, and a program that is killed leaves
// no half of one. What the disk has cut off, a reader ignores.
//
// The methods may be called from several goroutines at once. After an error of the disk
// each of them returns it.
type Writer struct {
	mu    sync.Mutex
	file  *os.File
	err   error
	event []byte // a record in the making
	value []byte // the value in it
}

// prefix begins the name of every event file; the time follows, by which readers order
// the files of a folder.
const prefix = "events.out.tfevents."

// New begins an event file in a folder, which is made if it is missing. A program that
// goes on with a run begins a new file in the same folder: see [Writer.Resume].
func New(dir string) (*Writer, error) {
	if dir == "" {
		return nil, errors.New("tensorboard.New: the folder is empty")
	}
	file, err := create(dir)
	if err != nil {
		return nil, errors.Wrap(err, "tensorboard.New")
	}
	w := &Writer{file: file}
	w.begin(0)
	w.event = protowire.AppendTag(w.event, eventFileVersion, protowire.BytesType)
	w.event = protowire.AppendString(w.event, "brain.Event:2")
	if err := w.end(); err != nil {
		file.Close()
		return nil, errors.WithMessage(err, "tensorboard.New")
	}
	return w, nil
}

// create makes a file that comes after all others in the folder, whatever the clock says.
func create(dir string) (*os.File, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, errors.Errorf("%s is a file, want a folder", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	at := time.Now().Unix()
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		seconds, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.ParseInt(seconds, 10, 64); ok && err == nil && n < math.MaxInt64 {
			at = max(at, n+1)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	name := fmt.Sprintf("%s%010d.%s.%d", prefix, at, host, os.Getpid())
	return os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// Name returns the path of the file.
func (w *Writer) Name() string { return w.file.Name() }

// Sync has the disk hold all events, even after a power cut.
func (w *Writer) Sync() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.fail(w.file.Sync())
	}
	return w.err
}

// Close ends the file. A second call does nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	w.fail(errors.New("the writer is closed"))
	return errors.Wrap(err, "tensorboard")
}

// Resume says that the run goes on at a step: readers forget what older files of the
// folder hold of this step and later ones. It comes before any other event. In PyTorch:
// purge_step.
func (w *Writer) Resume(step int) error {
	return w.write(step, "resume", func() error {
		session := protowire.AppendTag(nil, sessionStatus, protowire.VarintType)
		session = protowire.AppendVarint(session, sessionStart)
		w.event = protowire.AppendTag(w.event, eventSessionLog, protowire.BytesType)
		w.event = protowire.AppendBytes(w.event, session)
		return nil
	})
}

// write writes an event, which fill appends.
func (w *Writer) write(step int, tag string, fill func() error) error {
	switch {
	case step < 0:
		return errors.Errorf("tensorboard: %s: step is %d, want at least 0", tag, step)
	case tag == "":
		return errors.New("tensorboard: the tag is empty")
	case !utf8.ValidString(tag):
		return errors.Errorf("tensorboard: the tag is %q, want UTF-8", tag)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.begin(step)
	if err := fill(); err != nil {
		return errors.WithMessagef(err, "tensorboard: %s", tag)
	}
	return w.end()
}

// fail keeps the first error.
func (w *Writer) fail(err error) {
	if w.err == nil && err != nil {
		w.err = errors.WithMessage(err, "tensorboard")
	}
}
