package train

import (
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// OpenImageFolder is the data set of the PNG, JPEG and GIF files in dir/CLASS/.
// Each folder in dir is a class and gives it its name; classes and the files
// in each are in the order of their names (by bytes), so class 0 is the first.
// Names that start with a dot, files with other extensions and folders within
// a class are passed over.
//
// x is (n, 3, h, w) of float32 in [0, 1] with channels red, green, blue, or
// (n, 1, h, w) with [Grey]; t is (n) of [tensor.Int]. What is transparent shows
// black; of a GIF the first frame counts; rotation marks of cameras are not
// applied; depths above 8 bits are reduced to 8.
//
// Files are decoded when a batch asks for them, on all processors. All must be
// of the size of the first, unless [Size] resizes them. A folder without
// images is an error, and so is, at Batch, a file that is damaged, of another
// size, or over 64 megapixels (which is found before it is decoded).
func OpenImageFolder(dir string, opts ...ImageOption) (Dataset, error) {
	f := &imageFolder{}
	guard.Apply(f, opts)
	if err := f.checkSize(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.WithStack(err) // os names the folder
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		class := filepath.Join(dir, e.Name())
		// Stat, not the entry: a class may be a link to a folder.
		info, err := os.Stat(class)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if !info.IsDir() {
			continue
		}
		files, err := imagesIn(class)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			f.files = append(f.files, file)
			f.labels = append(f.labels, len(f.classes))
		}
		f.classes = append(f.classes, e.Name())
	}
	if len(f.classes) == 0 {
		return nil, errors.Errorf("%s has no folder, want one for each class", dir)
	}
	if !f.resize {
		if f.w, f.h, err = imageSize(f.files[0]); err != nil {
			return nil, errors.WithMessage(err, f.files[0])
		}
	}
	return f, nil
}

// An ImageOption adjusts [OpenImageFolder] or [DecodeImage].
type ImageOption func(*imageFolder)

// Grey makes images of one channel, the luma of ITU-R BT.601:
// 0.299 R + 0.587 G + 0.114 B.
func Grey() ImageOption { return func(f *imageFolder) { f.grey = true } }

// RGB makes images of three channels, the default.
func RGB() ImageOption { return func(f *imageFolder) { f.grey = false } }

// Size resizes all images to w pixels by h with the filter of Catmull and Rom,
// widened where it shrinks them. Proportions are not kept.
func Size(w, h int) ImageOption {
	return func(f *imageFolder) { f.w, f.h, f.resize = w, h, true }
}

// imageFolder is a data set of files.
type imageFolder struct {
	files   []string
	labels  []int
	classes []string
	grey    bool
	w, h    int
	resize  bool
}

func (f *imageFolder) channels() int {
	if f.grey {
		return 1
	}
	return 3
}

func (f *imageFolder) checkSize() error {
	if f.resize && (f.w < 1 || f.h < 1 || f.w > maxPixels/f.h) {
		return errors.Errorf("size is %d x %d, want at least 1 x 1 and at most %d pixels", f.w, f.h, maxPixels)
	}
	return nil
}

// imagesIn lists the image files of a folder in order of name.
func imagesIn(class string) ([]string, error) {
	entries, err := os.ReadDir(class)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var files []string
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".png", ".jpg", ".jpeg", ".gif":
			if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(class, e.Name()))
			}
		}
	}
	if len(files) == 0 {
		return nil, errors.Errorf("%s has no image, want files ending in .png, .jpg, .jpeg or .gif", class)
	}
	return files, nil
}

// Len implements [Dataset].
func (f *imageFolder) Len() int { return len(f.files) }

// Classes implements [Labelled].
func (f *imageFolder) Classes() []string { return slices.Clone(f.classes) }

// Batch implements [Dataset].
func (f *imageFolder) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if err := checkIndices(indices, f.Len()); err != nil {
		return nil, nil, err
	}
	c := f.channels()
	size := c * f.h * f.w
	xs := make([]float32, len(indices)*size)
	err = parallel(len(indices), func(i int) error {
		path := f.files[indices[i]]
		return errors.WithMessage(f.read(xs[i*size:][:size], path), path)
	})
	if err != nil {
		return nil, nil, err
	}
	x = tensor.New(tensor.WithShape(len(indices), c, f.h, f.w), tensor.WithBacking(xs))
	t, err = f.Targets(indices)
	return x, t, err
}

// Targets implements [Targeted].
func (f *imageFolder) Targets(indices []int) (*tensor.Dense, error) {
	if err := checkIndices(indices, f.Len()); err != nil {
		return nil, err
	}
	ts := make([]int, len(indices))
	for i, j := range indices {
		ts[i] = f.labels[j]
	}
	return tensor.New(tensor.WithShape(len(ts)), tensor.WithBacking(ts)), nil
}

// read decodes a file into a row of a batch.
func (f *imageFolder) read(row []float32, path string) error {
	src, err := openImage(path)
	if err != nil {
		return err
	}
	return f.fill(row, src)
}

// fill writes an image to a row of a batch.
func (f *imageFolder) fill(row []float32, src image.Image) error {
	if b := src.Bounds(); !f.resize && (b.Dx() != f.w || b.Dy() != f.h) {
		return errors.Errorf("is %d x %d, want %d x %d as the first image, or the option Size", b.Dx(), b.Dy(), f.w, f.h)
	}
	dst := toRGBA(src, f.w, f.h)
	if f.grey {
		fillGrey(row, dst)
	} else {
		fillRGB(row, dst)
	}
	return nil
}
