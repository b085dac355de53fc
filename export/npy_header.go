package export

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// The header is parsed here, and not by codeberg.org/sbinet/npyio, because
// that library (v0.14.0) believes what it reads: it allocates the up to 4 GiB
// a header claims to be long and whatever its shape multiplies to, with
// overflow, and slices past the end of a malformed one. It also reads no
// version 3.0, returns Fortran order as it lies beyond two axes, and pads what
// it writes to no alignment.

// An npyHeader says what an array is.
type npyHeader struct {
	kind    kind
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

// formatNPYHeader returns all that precedes the data. As the format asks, the
// data begin at a multiple of 64 bytes.
func formatNPYHeader(k kind, shape []int) []byte {
	order := "<"
	if k.size == 1 {
		order = "|" // bytes have none
	}
	var dims strings.Builder
	for i, d := range shape {
		if i > 0 {
			dims.WriteByte(' ')
		}
		fmt.Fprintf(&dims, "%d,", d)
	}
	tuple := dims.String()
	if len(shape) > 1 { // only the tuple of one needs its comma
		tuple = strings.TrimSuffix(tuple, ",")
	}
	text := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, k.npy, tuple)
	const prefix = len(npyMagic) + 2 + 2
	text += strings.Repeat(" ", 63-(prefix+len(text))%64) + "\n"
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}

// parseNPYHeader reads a dictionary of Python, of which it knows as much as
// the format needs:
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
func parseNPYHeader(text string) (h npyHeader, err error) {
	p := pythonReader{text}
	if !p.next("{") {
		return h, p.want("{")
	}
	seen := map[string]bool{}
	for !p.next("}") {
		if len(seen) > 0 && !p.next(",") {
			return h, p.want(", or }")
		}
		if p.next("}") {
			break
		}
		key, err := p.text()
		if err != nil {
			return h, err
		}
		if seen[key] {
			return h, errors.Errorf("key %q is there twice, want each once", key)
		}
		seen[key] = true
		if !p.next(":") {
			return h, p.want(":")
		}
		if err := h.member(key, &p); err != nil {
			return h, errors.WithMessagef(err, "%q", key)
		}
	}
	if p.rest = strings.TrimLeft(p.rest, pythonSpace); p.rest != "" {
		return h, p.want("the end")
	}
	if len(seen) != 3 { // unknown keys are errors already
		return h, errors.Errorf("has %d keys, want descr, fortran_order and shape", len(seen))
	}
	return h, nil
}

// member reads the value of a key.
func (h *npyHeader) member(key string, p *pythonReader) (err error) {
	switch key {
	case "descr":
		descr, err := p.text()
		if err != nil {
			return errors.WithMessage(err, "not a plain type of element")
		}
		h.kind, h.order, err = parseDescr(descr)
		return err
	case "fortran_order":
		switch {
		case p.next("True"):
			h.fortran = true
		case !p.next("False"):
			return p.want("True or False")
		}
		return nil
	case "shape":
		h.shape, err = p.tuple()
		return err
	}
	return errors.New("is unknown, want descr, fortran_order and shape")
}

// parseDescr reads an order of bytes and a type: <f4, >i8, |b1.
func parseDescr(descr string) (kind, binary.ByteOrder, error) {
	if len(descr) > 1 {
		i := slices.IndexFunc(kinds[:], func(k kind) bool { return k.npy == descr[1:] })
		switch {
		case i < 0:
		case descr[0] == '<', descr[0] == '|' && kinds[i].size == 1:
			return kinds[i], binary.LittleEndian, nil
		case descr[0] == '>':
			return kinds[i], binary.BigEndian, nil
		}
	}
	return kind{}, nil, errors.Errorf("is %q, want < or > before one of "+
		"f8 f4 f2 i8 i4 i2 u8 u4 u2, or | before i1 u1 b1", descr)
}

const pythonSpace = " \t\n\r\f\v"

// A pythonReader reads literals of Python.
type pythonReader struct{ rest string }

// next skips white space and token, if that comes next.
func (p *pythonReader) next(token string) bool {
	p.rest = strings.TrimLeft(p.rest, pythonSpace)
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *pythonReader) want(what string) error {
	return errors.Errorf("has %.16q, want %s", p.rest, what)
}

// text reads a string. No type or key that we know needs an escape.
func (p *pythonReader) text() (string, error) {
	quote := `"`
	if !p.next(quote) {
		quote = "'"
		if !p.next(quote) {
			return "", p.want("a string")
		}
	}
	s, rest, ok := strings.Cut(p.rest, quote)
	if !ok || strings.Contains(s, `\`) {
		return "", p.want("a string without escapes, and its closing quote")
	}
	p.rest = rest
	return s, nil
}

// tuple reads sizes: () or (2,) or (2, 3) or (2, 3,).
func (p *pythonReader) tuple() ([]int, error) {
	if !p.next("(") {
		return nil, p.want("(")
	}
	var out []int
	comma := true
	for !p.next(")") {
		if !comma {
			return nil, p.want(", or )")
		}
		if len(out) == maxDims {
			return nil, errors.Errorf("has more than %d axes", maxDims)
		}
		p.next("")
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		d, err := strconv.Atoi(digits)
		if err != nil {
			return nil, p.want("a size, from 0 to the largest int")
		}
		p.rest = p.rest[len(digits):]
		out = append(out, d)
		comma = p.next(",")
	}
	if len(out) == 1 && !comma {
		return nil, errors.Errorf("is the number (%d), want the tuple (%d,)", out[0], out[0])
	}
	return out, nil
}
