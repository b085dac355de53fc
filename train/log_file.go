package train

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// LogCSV returns a callback that keeps a CSV file of the epochs, with the columns of
// [History.WriteCSV]: a header when training begins, and a line when an epoch ends,
// which is then on the disk.
//
//	train.Callbacks(train.LogCSV("run1.csv"))
//
// When training begins, a file that is there is replaced, and the epochs so far, those
// of [Checkpoints] and [Continue], are its first lines: so a run that was cut off,
// whatever its last line was, has each epoch once. A file is of one run at a time. That it
// cannot be written is an error, and ends training. In Keras: CSVLogger.
func LogCSV(path string) Callback {
	return &logFile{name: "LogCSV", path: path, write: writeCSVLines}
}

// LogJSONLines is [LogCSV] in another form: every line is a JSON object whose keys are
// the columns, without those that an epoch lacks. NaN and infinities, which JSON does
// not have, are strings.
//
//	{"epoch":1,"loss":0.53,"accuracy":0.84,"val_loss":0.21,"val_accuracy":0.93,"lr":0.001,"seconds":1.6}
func LogJSONLines(path string) Callback {
	return &logFile{name: "LogJSONLines", path: path, write: writeJSONLines}
}

// logFile is a file that grows by an epoch at a time.
type logFile struct {
	NoCallback
	name, path string
	// write writes a header, if there is to be one, and epochs.
	write   func(w io.Writer, columns logColumns, header bool, epochs []Epoch) error
	columns logColumns
	file    *os.File
}

// Begin implements [Callback].
func (l *logFile) Begin(t *Training) error {
	if l.path == "" {
		return errors.Errorf("%s: the path is empty", l.name)
	}
	if info, err := os.Stat(l.path); err == nil && !info.Mode().IsRegular() {
		return errors.Errorf("%s: %s is a folder or a device, want a file", l.name, l.path)
	}
	for _, c := range t.f.callbacks {
		if other, ok := c.(*logFile); ok && other.file != nil && filepath.Clean(other.path) == filepath.Clean(l.path) {
			return errors.Errorf("%s: %s writes to %s already", l.name, other.name, other.path)
		}
	}
	h := t.f.history
	l.columns = logColumns{h.names(), h.validated() || t.f.validation != nil}
	for _, m := range t.f.metrics {
		if !slices.Contains(l.columns.names, m.Name()) {
			l.columns.names = append(l.columns.names, m.Name())
		}
	}
	err := atomicfile.Write(l.path, func(w io.Writer) error { return l.write(w, l.columns, true, h.Epochs) })
	if err == nil {
		l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, 0)
	}
	return errors.WithMessagef(err, "%s: %s", l.name, l.path)
}

// EndEpoch implements [Callback].
func (l *logFile) EndEpoch(_ *Training, e Epoch) error {
	var line bytes.Buffer
	if err := l.write(&line, l.columns, false, []Epoch{e}); err != nil {
		return errors.WithMessage(err, l.name)
	}
	_, err := l.file.Write(line.Bytes())
	if err == nil {
		err = l.file.Sync()
	}
	return errors.Wrap(err, l.name)
}

// End implements [Callback].
func (l *logFile) End(*Training, error) error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return errors.Wrap(err, l.name)
}

func writeCSVLines(w io.Writer, columns logColumns, header bool, epochs []Epoch) error {
	var lines [][]string
	if header {
		lines = append(lines, columns.head())
	}
	for _, e := range epochs {
		lines = append(lines, columns.cells(e))
	}
	return errors.WithStack(csv.NewWriter(w).WriteAll(lines))
}

func writeJSONLines(w io.Writer, columns logColumns, _ bool, epochs []Epoch) error {
	head := columns.head()
	var b bytes.Buffer
	for _, e := range epochs {
		for i, cell := range columns.cells(e) {
			if cell == "" {
				continue
			}
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return errors.WithStack(err)
			}
			if err := writeMember(&b, i == 0, head[i], value(v)); err != nil {
				return err
			}
		}
		b.WriteString("}\n")
	}
	_, err := w.Write(b.Bytes())
	return errors.WithStack(err)
}

// writeMember writes a key and its value, after what separates it from those before.
func writeMember(b *bytes.Buffer, first bool, key string, v value) error {
	name, err := json.Marshal(key)
	if err != nil {
		return errors.WithStack(err)
	}
	number, err := json.Marshal(v)
	if err != nil {
		return errors.WithStack(err)
	}
	open := byte(',')
	if first {
		open = '{'
	}
	b.WriteByte(open)
	b.Write(name)
	b.WriteByte(':')
	b.Write(number)
	return nil
}
