package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// metadataKey is the one key of the header that names no tensor.
const metadataKey = "__metadata__"

// An entry is what the header says of one tensor. Its data is at
// begin ≤ offset < end, in bytes from the end of the header.
type entry struct {
	name       string
	kind       int // in kinds
	shape      []int
	begin, end uint64
}

// formatHeader returns the header of tensors whose data follow one another,
// padded with spaces so that the data begins at a multiple of align bytes.
func formatHeader(ts []Tensor, meta map[string]string, align int) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(meta) > 0 {
		b.WriteString(quote(metadataKey) + ":{")
		for i, key := range slices.Sorted(maps.Keys(meta)) {
			if s := key + meta[key]; !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
				return nil, errors.Errorf("metadata %q: %q is not UTF-8, or contains U+FFFD", key, meta[key])
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(key) + ":" + quote(meta[key]))
		}
		b.WriteByte('}')
	}
	begin := 0
	for i, t := range ts {
		if t.Name == metadataKey {
			return nil, errors.Errorf("tensor %q has the name of the metadata, want another", t.Name)
		}
		k, _ := kindOfDtype(t.Value.Dtype())
		_, size, _ := count(t.Value.Shape(), kinds[k].size)
		dims := make([]string, t.Value.Dims())
		for axis, d := range t.Value.Shape() {
			dims[axis] = strconv.Itoa(d)
		}
		if i > 0 || len(meta) > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(t.Name) + `:{"dtype":"` + kinds[k].safetensors +
			`","shape":[` + strings.Join(dims, ",") +
			`],"data_offsets":[` + strconv.Itoa(begin) + "," + strconv.Itoa(begin+size) + "]}")
		begin += size
	}
	b.WriteByte('}')
	for (prefixSize+b.Len())%align != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, errors.Errorf("header takes %d bytes, want at most %d: fewer tensors or less metadata", b.Len(), maxHeader)
	}
	return b.Bytes(), nil
}

// quote returns s as JSON, without json.Marshal's escapes for HTML, which
// other writers of the format do not make.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // neither a string nor a Builder can fail
	return strings.TrimSuffix(b.String(), "\n")
}

// parseHeader reads the header token by token rather than into a struct,
// because encoding/json lets the last of two equal keys win without a word.
// Entries are ordered by their data.
func parseHeader(b []byte) (entries []entry, meta map[string]string, err error) {
	if len(b) == 0 || b[0] != '{' {
		return nil, nil, errors.Errorf("starts with %.1q, want {: it is not a safetensors file", b)
	}
	if !utf8.Valid(b) { // encoding/json would put U+FFFD
		return nil, nil, errors.New("is not UTF-8")
	}
	h := jsonReader{json.NewDecoder(bytes.NewReader(b))}
	h.UseNumber()
	err = h.object(func(name string) (err error) {
		if name == metadataKey {
			meta, err = h.metadata()
			return err
		}
		e, err := h.entry()
		e.name = name
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := h.Token(); err != io.EOF {
		return nil, nil, errors.New("has more after the closing }, want only spaces")
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	return entries, meta, nil
}

// metadata reads {"key": "value", ...}.
func (h jsonReader) metadata() (map[string]string, error) {
	meta := map[string]string{}
	err := h.object(func(key string) (err error) {
		meta[key], err = h.text()
		return err
	})
	return meta, err
}

// entry reads {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}.
func (h jsonReader) entry() (e entry, err error) {
	members := 0
	err = h.object(func(key string) (err error) {
		members++
		switch key {
		case "dtype":
			e.kind, err = h.kind()
		case "shape":
			var dims []uint64
			if dims, err = h.sizes(maxDims); err != nil {
				return err
			}
			e.shape = make([]int, len(dims))
			for i, d := range dims {
				if e.shape[i] = int(d); e.shape[i] < 0 || uint64(e.shape[i]) != d {
					return errors.Errorf("%d does not fit an int", d)
				}
			}
		case "data_offsets":
			var at []uint64
			if at, err = h.sizes(2); err == nil && len(at) != 2 {
				err = errors.Errorf("has %d numbers, want 2: begin and end", len(at))
			}
			if err == nil {
				e.begin, e.end = at[0], at[1]
			}
		default:
			err = errors.New("is unknown, want dtype, shape and data_offsets")
		}
		return err
	})
	if err == nil && members != 3 { // unknown and duplicate keys are errors already
		err = errors.Errorf("has %d members, want dtype, shape and data_offsets", members)
	}
	return e, err
}

func (h jsonReader) kind() (int, error) {
	name, err := h.text()
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(kinds[:], func(k kind) bool { return k.safetensors == name })
	if i < 0 {
		var known []string
		for _, k := range kinds {
			known = append(known, k.safetensors)
		}
		return 0, errors.Errorf("is %q, want one of %s", name, strings.Join(known, " "))
	}
	return i, nil
}

// checkLayout reports entries that do not share out size bytes of data, in
// their order and to the last byte, each the bytes of its shape.
func checkLayout(entries []entry, size uint64) error {
	next := uint64(0)
	for _, e := range entries {
		k := kinds[e.kind]
		n, bytes, ok := count(e.shape, k.size)
		switch {
		case e.begin > e.end || e.end > size:
			return errors.Errorf("tensor %q: data_offsets are [%d, %d], want begin ≤ end ≤ %d, the bytes of data in the file: it may be cut off",
				e.name, e.begin, e.end, size)
		case e.begin != next:
			return errors.Errorf("tensor %q: data begins at %d, want %d, where the one before it ends",
				e.name, e.begin, next)
		case !ok || uint64(bytes) != e.end-e.begin:
			return errors.Errorf("tensor %q: data has %d bytes, want those of %s of shape %v",
				e.name, e.end-e.begin, k.safetensors, e.shape)
		case n == 0:
			return errors.Errorf("tensor %q: shape %v has no elements, want at least one", e.name, e.shape)
		}
		next = e.end
	}
	if next != size {
		return errors.Errorf("tensors cover %d bytes of data, want %d, all that the file has", next, size)
	}
	return nil
}
