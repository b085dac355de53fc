package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// A file is a row of records, in the framing of TensorFlow: the length in 8 bytes, its
// checksum, the data, its checksum; all in little-endian order. The data of a record is
// an event, a message in the encoding of protocol buffers.
const headBytes = 8 + 4

// begin starts a record with an event of a step.
func (w *Writer) begin(step int) {
	w.event = append(w.event[:0], make([]byte, headBytes)...)
	w.event = protowire.AppendTag(w.event, eventWallTime, protowire.Fixed64Type)
	w.event = protowire.AppendFixed64(w.event, math.Float64bits(float64(time.Now().UnixMicro())/1e6))
	w.event = protowire.AppendTag(w.event, eventStep, protowire.VarintType)
	w.event = protowire.AppendVarint(w.event, uint64(step))
}

// end writes the record.
func (w *Writer) end() error {
	data := w.event[headBytes:]
	binary.LittleEndian.PutUint64(w.event, uint64(len(data)))
	binary.LittleEndian.PutUint32(w.event[8:], checksum(w.event[:8]))
	w.event = binary.LittleEndian.AppendUint32(w.event, checksum(data))
	_, err := w.file.Write(w.event)
	w.fail(errors.WithStack(err))
	return w.err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is a CRC-32C, rotated and shifted so that it does not look like one in data
// that holds checksums itself.
func checksum(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
