package nodes

import (
	"bytes"
	"encoding"
	"encoding/binary"

	"github.com/pkg/errors"
)

// The metrics here can be saved between two batches and go on elsewhere, with the
// bits they would have had: [Metric.Value] depends on what was added alone.
var (
	_ savedMetric = (*accuracy)(nil)
	_ savedMetric = (*topK)(nil)
	_ savedMetric = (*Confusion)(nil)
	_ savedMetric = (*Calibration)(nil)
)

type savedMetric interface {
	Metric
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// MarshalBinary implements [encoding.BinaryMarshaler].
func (m *accuracy) MarshalBinary() ([]byte, error) {
	return marshal([]int64{int64(m.right), int64(m.total)})
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler].
func (m *accuracy) UnmarshalBinary(b []byte) error {
	counts := make([]int64, 2)
	if err := unmarshal(b, counts); err != nil {
		return err
	}
	m.right, m.total = int(counts[0]), int(counts[1])
	return nil
}

// MarshalBinary implements [encoding.BinaryMarshaler].
func (m *Confusion) MarshalBinary() ([]byte, error) {
	var all []int64
	for c, row := range m.counts {
		for _, n := range row {
			all = append(all, int64(n))
		}
		all = append(all, int64(m.nan[c]))
	}
	return marshal(all)
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler].
func (m *Confusion) UnmarshalBinary(b []byte) error {
	n := len(m.counts)
	all := make([]int64, n*(n+1))
	if err := unmarshal(b, all); err != nil {
		return err
	}
	for c, row := range m.counts {
		for i := range row {
			row[i] = int(all[c*(n+1)+i])
		}
		m.nan[c] = int(all[c*(n+1)+n])
	}
	return nil
}

// A binState is a bin with a size of its own.
type binState struct {
	N                    int64
	Confidence, Accuracy float64
}

// MarshalBinary implements [encoding.BinaryMarshaler].
func (m *Calibration) MarshalBinary() ([]byte, error) {
	var all []binState
	for _, b := range m.bins {
		all = append(all, binState{int64(b.N), b.Confidence, b.Accuracy})
	}
	return marshal(all)
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler].
func (m *Calibration) UnmarshalBinary(b []byte) error {
	all := make([]binState, len(m.bins))
	if err := unmarshal(b, all); err != nil {
		return err
	}
	for i, s := range all {
		m.bins[i] = CalibrationBin{int(s.N), s.Confidence, s.Accuracy}
	}
	return nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := binary.Write(&b, binary.LittleEndian, v)
	return b.Bytes(), errors.WithStack(err)
}

func unmarshal(b []byte, v any) error {
	if want := binary.Size(v); len(b) != want {
		return errors.Errorf("the state has %d bytes, want %d", len(b), want)
	}
	return errors.WithStack(binary.Read(bytes.NewReader(b), binary.LittleEndian, v))
}
