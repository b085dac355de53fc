package export

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// maxPickle bounds the description of the tensors, of which one takes some 250
// bytes, and which takes up to a hundred times its size in memory.
const maxPickle = 16 << 20

// legacyMagic starts a file of the format before PyTorch 1.6: a pickle of the
// number 0x1950a86a20f9469cfc6c.
const legacyMagic = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

// A torchArchive is a zip of NAME/data.pkl, which describes the values, and
// NAME/data/KEY, a storage each. As torch.save writes them, all are stored
// uncompressed, so that there is as much memory in a tensor as bytes in the file.
type torchArchive struct {
	entries map[string]*zip.File // by the name after NAME/
	order   binary.ByteOrder
	loaded  map[string]*loadedStorage
}

type loadedStorage struct {
	kind   int
	data   any // a slice
	views  map[string]any
	copied int // elements in views that are copies
}

func openPyTorch(r io.ReaderAt, size int64) (*torchArchive, error) {
	var start [len(legacyMagic)]byte
	n, err := r.ReadAt(start[:min(size, int64(len(start)))], 0)
	if err != nil && err != io.EOF {
		return nil, errors.Wrap(err, "reading the first bytes")
	}
	switch {
	case string(start[:n]) == legacyMagic:
		return nil, errors.New("is of the format before PyTorch 1.6, want that of 1.6 and later: " +
			"in Python, torch.save(torch.load(old), new)")
	case n > 0 && start[0] == pickleMagic:
		return nil, errors.New("is a pickle alone, want an archive that torch.save wrote")
	}
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, errors.New("is no zip archive, or was cut off, want an archive that torch.save wrote")
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // told of below, with its name
		return nil, errors.Wrap(err, "reading the directory of the archive")
	}
	if slices.ContainsFunc(z.File, func(f *zip.File) bool { return strings.HasSuffix(f.Name, "/constants.pkl") }) {
		return nil, errors.New("is a TorchScript model, want its state_dict(), saved by torch.save")
	}
	a := &torchArchive{map[string]*zip.File{}, binary.LittleEndian, map[string]*loadedStorage{}}
	if err := a.list(z.File, size); err != nil {
		return nil, err
	}
	if a.entries["data.pkl"] == nil {
		return nil, errors.New("has no entry data.pkl, want an archive that torch.save wrote")
	}
	if a.entries["byteorder"] != nil {
		order, err := a.text("byteorder", 16)
		if err != nil {
			return nil, err
		}
		switch string(order) {
		case "little":
		case "big":
			a.order = binary.BigEndian
		default:
			return nil, errors.Errorf("entry byteorder is %q, want little or big", order)
		}
	}
	return a, nil
}

// list takes in the entries: each once, under one name, and none of the same
// bytes as another.
func (a *torchArchive) list(files []*zip.File, size int64) error {
	type extent struct {
		begin, end int64
		name       string
	}
	var extents []extent
	for _, f := range files {
		root, name, ok := strings.Cut(f.Name, "/")
		first, _, _ := strings.Cut(files[0].Name, "/")
		switch {
		case !ok || root != first || slices.Contains(strings.Split(f.Name, "/"), "..") || strings.ContainsAny(f.Name, "\\\x00"):
			return errors.Errorf("entry %q is not within %s/, want all in the folder of the first", f.Name, first)
		case a.entries[name] != nil:
			return errors.Errorf("entry %q is there twice, want each once", f.Name)
		case f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64:
			return errors.Errorf("entry %q takes %d bytes for %d, want them stored uncompressed, as torch.save does",
				f.Name, f.CompressedSize64, f.UncompressedSize64)
		case f.CompressedSize64 > uint64(size):
			return errors.Errorf("entry %q has %d bytes, want at most %d, those of the file", f.Name, f.CompressedSize64, size)
		}
		begin, err := f.DataOffset()
		if err != nil {
			return errors.Wrapf(err, "entry %q", f.Name)
		}
		a.entries[name] = f
		extents = append(extents, extent{begin, begin + int64(f.CompressedSize64), f.Name})
	}
	slices.SortFunc(extents, func(a, b extent) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) })
	for i := 1; i < len(extents); i++ {
		if extents[i].begin < extents[i-1].end {
			return errors.Errorf("entries %q and %q overlap, want bytes of its own for each", extents[i-1].name, extents[i].name)
		}
	}
	return nil
}

// text reads a whole entry of at most most bytes.
func (a *torchArchive) text(name string, most uint64) ([]byte, error) {
	f := a.entries[name]
	if f.UncompressedSize64 > most {
		return nil, errors.Errorf("entry %s has %d bytes, want at most %d", name, f.UncompressedSize64, most)
	}
	r, err := f.Open()
	if err != nil {
		return nil, errors.Wrapf(err, "opening entry %s", name)
	}
	defer r.Close()
	b := bytes.NewBuffer(make([]byte, 0, f.UncompressedSize64+bytes.MinRead))
	_, err = b.ReadFrom(r)
	return b.Bytes(), errors.Wrapf(err, "reading entry %s", name)
}

// tensor returns what t shows of its storage.
func (a *torchArchive) tensor(t *torchTensor) (*tensor.Dense, error) {
	if t.n == 0 {
		return nil, errors.Errorf("shape %v has no elements, want at least one", t.shape)
	}
	s, err := a.storage(t.storage)
	if err != nil {
		return nil, errors.WithMessagef(err, "storage %q", t.storage.key)
	}
	key := fmt.Sprint(t.offset, t.shape, t.strides)
	view, known := s.views[key]
	if !known {
		if !slices.Equal(t.strides, cStrides(t.shape)) {
			if s.copied += t.n; s.copied > 4*t.storage.count {
				return nil, errors.Errorf("storage %q is in tensors of over %d elements, want at most 4 times its %d: "+
					"save a clone() of each", t.storage.key, s.copied, t.storage.count)
			}
		}
		span := reflect.ValueOf(s.data).Slice3(t.offset, t.offset+t.span, t.offset+t.span)
		view = kinds[s.kind].toRowMajor(span.Interface(), t.shape, t.strides)
		s.views[key] = view
	}
	return newDense(view, t.shape), nil
}

// storage reads an entry, once.
func (a *torchArchive) storage(s torchStorage) (*loadedStorage, error) {
	f, k := a.entries["data/"+s.key], kinds[s.kind]
	if f == nil {
		return nil, errors.New("is not in the archive")
	}
	if _, size, ok := count([]int{s.count}, k.size); !ok || uint64(size) != f.UncompressedSize64 {
		return nil, errors.Errorf("has %d bytes, want those of %d elements of %s", f.UncompressedSize64, s.count, k.safetensors)
	}
	if l := a.loaded[s.key]; l != nil {
		if l.kind != s.kind {
			return nil, errors.Errorf("is of %s and of %s, want one type", kinds[l.kind].safetensors, k.safetensors)
		}
		return l, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, errors.Wrap(err, "opening the entry")
	}
	defer r.Close()
	data, err := k.read(r, a.order, s.count, s.count)
	if err != nil {
		return nil, err
	}
	if err := atEnd(r, int64(f.UncompressedSize64)); err != nil {
		return nil, err
	}
	l := &loadedStorage{kind: s.kind, data: data, views: map[string]any{}}
	a.loaded[s.key] = l
	return l, nil
}
