package onnximport

import (
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// An Outside finds the data of a tensor, of a number of bytes, which the file says lie
// somewhere else.
type Outside func(p *onnxpb.TensorProto, size int) ([]byte, error)

// Folder reads data from another file, which has to lie in folder or below it.
func Folder(folder string) Outside {
	taken := map[string]int64{} // bytes of each file
	return func(p *onnxpb.TensorProto, size int) ([]byte, error) {
		entries := map[string]string{}
		for _, e := range p.ExternalData {
			if _, twice := entries[e.GetKey()]; twice {
				return nil, errors.Errorf("its external data have two entries %q, want one", e.GetKey())
			}
			entries[e.GetKey()] = e.GetValue()
		}
		name := entries["location"]
		if folder == "" {
			return nil, errors.Errorf("its data are in the file %q, and there is no folder to find it in: use onnx.Load", name)
		}
		offset, err := position(entries, "offset", 0)
		if err != nil {
			return nil, err
		}
		length, err := position(entries, "length", int64(size))
		if err != nil {
			return nil, err
		}
		if length != int64(size) {
			return nil, errors.Errorf("its external data have %d bytes, want %d", length, size)
		}
		taken[name] += length
		raw, err := readPart(folder, name, offset, size, taken[name])
		return raw, errors.WithMessagef(err, "its external data in %q", name)
	}
}

func position(entries map[string]string, key string, otherwise int64) (int64, error) {
	text, ok := entries[key]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.Errorf("its external data have the %s %q, want a number of bytes", key, text)
	}
	return n, nil
}

// readPart reads a part of a file, of which all parts have a number of bytes together. A
// root lets no path and no link leave the folder.
func readPart(folder, name string, offset int64, size int, all int64) ([]byte, error) {
	name = filepath.FromSlash(name)
	if !filepath.IsLocal(name) {
		return nil, errors.New("the path leaves the folder of the model, want one below it")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file, want one")
	}
	if offset > info.Size() || int64(size) > info.Size()-offset {
		return nil, errors.Errorf("the file has %d bytes, want %d from byte %d on", info.Size(), size, offset)
	}
	if all > info.Size() {
		return nil, errors.Errorf("the file has %d bytes, and tensors take %d of it: two have the same", info.Size(), all)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, errors.WithStack(atomicfile.WithoutPath(err))
	}
	defer f.Close()
	raw := make([]byte, size)
	_, err = io.ReadFull(io.NewSectionReader(f, offset, int64(size)), raw)
	return raw, errors.WithStack(err)
}
