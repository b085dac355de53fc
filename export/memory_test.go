package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// allocated returns the bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLyingSizes reads small files that promise much. An inflater of the
// standard library takes some 40 KiB whatever it reads, once.
func TestLyingSizes(t *testing.T) {
	const most, inflater = 16 << 10, 64 << 10
	huge := npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1099511627776,), }", "\x00\x00\x00\x00")
	raw := deflated(t, huge)
	promising := header("a.npy", zip.Deflate, raw, huge)
	promising.UncompressedSize64 = 1032*promising.CompressedSize64 + 1024
	for _, c := range []struct {
		name, file string
		decode     func(r *strings.Reader) error
		most       uint64
	}{
		{"safetensors of 2^40 elements", file(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4]}}`, 4), safetensors, most},
		{"safetensors of 2^42 bytes", file(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 4), safetensors, most},
		{"safetensors with a header of 100 MB", string(binary.LittleEndian.AppendUint64(nil, maxHeader)) + strings.Repeat(" ", 100), safetensors, most},
		{"NPY of 2^40 elements", huge, npyOnly, most},
		{"NPY with a header of 64 KiB", "\x93NUMPY\x02\x00\xff\xff\x00\x00" + strings.Repeat(" ", 100), npyOnly, most},
		{"NPZ of 2^40 elements", archive(t, header("a.npy", zip.Store, huge, huge), huge), npz, most},
		{"deflated NPZ of 2^40 elements", archive(t, header("a.npy", zip.Deflate, raw, huge), raw), npz, most + inflater},
		{"deflated NPZ that promises what it may", archive(t, promising, raw), npz, most + inflater},
	} {
		var err error
		got := allocated(func() { err = c.decode(strings.NewReader(c.file)) })
		if err == nil {
			t.Errorf("%s: got no error", c.name)
		}
		if got > c.most {
			t.Errorf("%s: allocated %d bytes, want at most %d", c.name, got, c.most)
		}
	}
}

// TestBrokenPromise reads an entry that may unpack to 1 MB and ends early:
// what is allocated must follow what was unpacked.
func TestBrokenPromise(t *testing.T) {
	const elements = 1 << 20
	content := npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1048576,), }", strings.Repeat("x", 1000))
	raw := deflated(t, content) + strings.Repeat("\x00", 1000) // after the end of the stream, so never read
	h := header("a.npy", zip.Deflate, raw, content)
	h.UncompressedSize64 += elements - 1000
	f := archive(t, h, raw)
	var err error
	got := allocated(func() { err = npz(strings.NewReader(f)) })
	wantError(t, "entry that ends early", err, `"a"`, "ends before its 1048576 bytes")
	if most := uint64(128 << 10); got > most {
		t.Errorf("entry that ends early: allocated %d bytes, want at most %d", got, most)
	}
}

// TestMemoryOfWholeFiles holds the promise of the package's comment: a file's
// size, and three times that for halves.
func TestMemoryOfWholeFiles(t *testing.T) {
	const n, slack = 1 << 20, 96 << 10 // a buffer of a chunk, the header, an error or two
	for dtype, factor := range map[string]uint64{"F64": 1, "F32": 1, "U8": 1, "F16": 3, "BF16": 3} {
		size := map[string]string{"F64": "131072", "F32": "262144", "U8": "1048576", "F16": "524288", "BF16": "524288"}[dtype]
		f := []byte(file(`{"a":{"dtype":"`+dtype+`","shape":[`+size+`],"data_offsets":[0,1048576]}}`, n))
		got := allocated(func() {
			if _, _, err := DecodeSafetensors(bytes.NewReader(f), int64(len(f))); err != nil {
				t.Errorf("%s: %v", dtype, err)
			}
		})
		if most := factor*n + slack; got > most {
			t.Errorf("%s: allocated %d bytes, want at most %d", dtype, got, most)
		}
	}
}

func safetensors(r *strings.Reader) error {
	_, _, err := DecodeSafetensors(r, r.Size())
	return err
}

func npyOnly(r *strings.Reader) error {
	_, err := DecodeNPY(r, r.Size())
	return err
}

func npz(r *strings.Reader) error {
	_, err := DecodeNPZ(r, r.Size())
	return err
}
