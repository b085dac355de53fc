package train

import (
	"io"

	"github.com/pkg/errors"
)

// A record of CIFAR-10 is a label and three planes: red, green, blue.
const (
	cifarSide   = 32
	cifarPixels = 3 * cifarSide * cifarSide
	cifarRecord = 1 + cifarPixels
)

// maxCIFAR bounds the records of one file. The whole of CIFAR-10 is 60,000; a
// small gzip file of zeros could otherwise fill the memory.
const maxCIFAR = 1_000_000

// OpenCIFAR10 reads the binary version of CIFAR-10, one or more files of
// records of 3,073 bytes, each plain or gzipped (the first bytes decide, not
// the name), and joins them in the order given. x is (n, 3, 32, 32) of float32
// in [0, 1] with channels red, green, blue; t is (n) of [tensor.Int]. In memory
// a pixel takes three bytes.
//
// A file with no record, with part of a record at its end or with a label
// above 9 is an error naming it.
//
// Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images,
// 2009, https://www.cs.toronto.edu/~kriz/cifar.html.
func OpenCIFAR10(files ...string) (Dataset, error) {
	if len(files) == 0 {
		return nil, errors.New("no file given, want at least one, such as data_batch_1.bin")
	}
	p := &pixels{c: 3, h: cifarSide, w: cifarSide, classes: []string{
		"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
	}}
	for _, path := range files {
		if err := p.appendCIFAR10(path); err != nil {
			return nil, errors.WithMessage(err, path)
		}
	}
	return p, nil
}

func (p *pixels) appendCIFAR10(path string) error {
	f, err := openData(path)
	if err != nil {
		return err
	}
	defer f.Close()

	record := make([]byte, cifarRecord)
	for i := 0; ; i++ {
		n, err := io.ReadFull(f, record)
		if err == io.EOF && i > 0 {
			return nil
		}
		if err == io.EOF {
			return errors.Errorf("is empty, want records of %d bytes", cifarRecord)
		}
		if err != nil {
			return errors.Wrapf(err, "record %d has %d of %d bytes", i, n, cifarRecord)
		}
		if i == maxCIFAR {
			return errors.Errorf("has over %d records, CIFAR-10 has 60000", maxCIFAR)
		}
		if record[0] > 9 {
			return errors.Errorf("record %d has label %d, want 0 to 9", i, record[0])
		}
		p.labels = append(p.labels, record[0])
		p.data = append(p.data, record[1:]...)
	}
}
