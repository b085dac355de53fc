package train

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// The magic numbers of IDX: two zero bytes, the element type (8 is unsigned
// byte), the number of axes.
const (
	idxLabels = 0x00000801
	idxImages = 0x00000803
)

// maxData bounds what a header may promise. The largest set in this format,
// EMNIST, is 0.6 GB.
const maxData = 1 << 34

// OpenIDX reads grey images and their labels from a pair of files in the IDX
// format of MNIST, each plain or gzipped (the first bytes decide, not the
// name). x is (n, 1, h, w) of float32 in [0, 1], black being 0; t is (n) of
// [tensor.Int]. In memory a pixel takes a byte.
//
// A file that is cut short, goes on after its data, has another magic number
// or promises another number of labels than images is an error naming it.
//
// Source: LeCun, Cortes, Burges, The MNIST Database of Handwritten Digits,
// http://yann.lecun.com/exdb/mnist/.
func OpenIDX(images, labels string) (Dataset, error) {
	p, err := openIDX(images, labels)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func openIDX(images, labels string) (*pixels, error) {
	size, data, err := readIDX(images, idxImages)
	if err != nil {
		return nil, errors.WithMessage(err, images)
	}
	count, classes, err := readIDX(labels, idxLabels)
	if err != nil {
		return nil, errors.WithMessage(err, labels)
	}
	if size[0] != count[0] {
		return nil, errors.Errorf("%s has %d images and %s has %d labels, want as many of both", images, size[0], labels, count[0])
	}
	return &pixels{data: data, labels: classes, c: 1, h: size[1], w: size[2]}, nil
}

// readIDX returns the sizes and the bytes of an IDX file of the given magic
// number. Its errors leave the file for the caller to name.
func readIDX(path string, magic uint32) (sizes []int, data []byte, err error) {
	f, err := openData(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()

	var got uint32
	if err := binary.Read(f, binary.BigEndian, &got); err != nil {
		return nil, nil, errors.Wrap(err, "magic number")
	}
	if got != magic {
		return nil, nil, errors.Errorf("magic number is 0x%08x (%s), want 0x%08x (%s)", got, idxKind(got), magic, idxKind(magic))
	}
	axes := make([]uint32, magic&0xff)
	if err := binary.Read(f, binary.BigEndian, axes); err != nil {
		return nil, nil, errors.Wrapf(err, "sizes of %d axes", len(axes))
	}
	total := int64(1)
	for i, axis := range axes {
		size := int64(axis)
		if size == 0 {
			return nil, nil, errors.Errorf("size of axis %d is 0, want at least 1", i)
		}
		if total > maxData/size {
			return nil, nil, errors.Errorf("header promises over %d bytes of data, no file of this kind has so much", int64(maxData))
		}
		total *= size
		sizes = append(sizes, int(size))
	}
	data, err = readExactly(f, total)
	return sizes, data, err
}

// idxKind says what a magic number stands for.
func idxKind(magic uint32) string {
	switch magic {
	case idxImages:
		return "images of bytes"
	case idxLabels:
		return "labels of bytes"
	}
	return "neither images nor labels of bytes"
}

// OpenMNIST reads the training or the test half of MNIST, or of a set packed
// alike such as Fashion-MNIST, from the four files in dir under their usual
// names: train-images-idx3-ubyte, train-labels-idx1-ubyte,
// t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte. Each may end in .gz, and may
// have a dot before idx. See [OpenIDX] for shapes. The classes are named "0" to
// "9".
func OpenMNIST(dir string, train bool) (Dataset, error) {
	half := "t10k"
	if train {
		half = "train"
	}
	images, err := findIDX(dir, half+"-images", "idx3-ubyte")
	if err != nil {
		return nil, err
	}
	labels, err := findIDX(dir, half+"-labels", "idx1-ubyte")
	if err != nil {
		return nil, err
	}
	p, err := openIDX(images, labels)
	if err != nil {
		return nil, err
	}
	for i, label := range p.labels {
		if label > 9 {
			return nil, errors.Errorf("%s: label %d is %d, want 0 to 9", labels, i, label)
		}
	}
	p.classes = digitNames()
	return p, nil
}

// findIDX returns the first of the usual spellings of a name found in dir.
func findIDX(dir, stem, kind string) (string, error) {
	names := []string{stem + "-" + kind, stem + "-" + kind + ".gz", stem + "." + kind, stem + "." + kind + ".gz"}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", errors.Errorf("no %s in %s, looked for %s", stem, dir, strings.Join(names, ", "))
}

// digitNames names the classes of sets of digits.
func digitNames() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}
