package export

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// A pickle is a program for a stack machine, whose dangerous instruction calls
// any function of any module with any arguments. This machine has no functions:
// it knows those that torch.save names for tensors, by their names, notes what
// they were given and refuses every other. Why it is our own:
// docs/decisions/0016-own-reader-of-pickles-none-of-hdf5.md.

// What a pickle may hold, other than nil, bool, int, float64, string and what
// pytorch_globals.go adds.
type (
	pyTuple []any
	pyList  struct{ items []any }
	pyDict  struct{ keys, values []any }
	// A pyGlobal is a name of a module: module.name.
	pyGlobal string
	// A pyOther is a value that is of no use here.
	pyOther struct{}
)

// pickleMagic starts the pickles that PyTorch writes: protocol 2 and up.
const pickleMagic = 0x80

type pickleReader struct {
	b     []byte
	at    int
	stack []any
	marks []int // places in stack
	memo  map[uint32]any
}

// unpickle returns the value that b describes. Memory is in proportion to b.
func unpickle(b []byte) (any, error) {
	p := pickleReader{b: b, memo: map[uint32]any{}}
	for {
		at := p.at
		op, err := p.bytes(1)
		if err == nil && op[0] == '.' {
			var v any
			if v, err = p.pop(); err == nil && len(p.stack) > 0 {
				err = errors.Errorf("ends with %d values more, want one in all", len(p.stack))
			}
			if err == nil {
				return v, nil
			}
		}
		if err == nil {
			err = p.do(op[0])
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "byte %d", at)
		}
	}
}

// do executes an instruction. The letters are those of Python's pickletools.
func (p *pickleReader) do(op byte) error {
	switch op {
	case '(':
		p.marks = append(p.marks, len(p.stack))
		return nil
	case 'N':
		return p.push(nil, nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		return p.push(op == 0x88, nil)
	case '}':
		return p.push(&pyDict{}, nil)
	case ']':
		return p.push(&pyList{}, nil)
	case ')':
		return p.push(pyTuple(nil), nil)
	case 't':
		items, err := p.popMark()
		return p.push(pyTuple(items), err)
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		items, err := p.popN(int(op) - 0x84)
		return p.push(pyTuple(items), err)
	case 'a', 'e':
		return p.appendItems(op == 'e')
	case 's', 'u':
		return p.setItems(op == 'u')
	case 'q', 'r', 'h', 'j', 0x94:
		return p.remember(op)
	case 'Q':
		id, err := p.pop()
		if err != nil {
			return err
		}
		return p.push(storageOf(id))
	case 'c', 0x93: // GLOBAL, STACK_GLOBAL
		return p.push(p.global(op == 'c'))
	case 'R':
		v, err := p.popN(2)
		if err != nil {
			return err
		}
		return p.push(reduce(v[0], v[1]))
	case 'b': // BUILD, with attributes that are of no use here
		v, err := p.popN(2)
		if _, isDict := at(v, 0).(*pyDict); err == nil && !isDict {
			err = errors.Errorf("sets attributes of %s, want none but of an OrderedDict", describe(v[0]))
		}
		return p.push(at(v, 0), err)
	case 0x80: // PROTO
		v, err := p.bytes(1)
		if err == nil && (v[0] < 2 || v[0] > 5) {
			err = errors.Errorf("protocol is %d, want 2 to 5", v[0])
		}
		return err
	case 0x95: // FRAME, whose length only helps to read ahead
		_, err := p.bytes(8)
		return err
	}
	return p.push(p.plain(op))
}

// plain reads a number or a string.
func (p *pickleReader) plain(op byte) (any, error) {
	switch op {
	case 'K':
		return p.number(1)
	case 'M':
		return p.number(2)
	case 'J':
		n, err := p.number(4)
		return int(int32(n)), err
	case 0x8a: // LONG1
		size, err := p.number(1)
		if err != nil {
			return nil, err
		}
		b, err := p.bytes(size)
		if err != nil || size > 8 {
			return pyOther{}, err
		}
		return signed(b), nil
	case 'G':
		b, err := p.bytes(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case 'X':
		return p.text(4)
	case 0x8c: // SHORT_BINUNICODE
		return p.text(1)
	}
	return nil, errors.Errorf("instruction 0x%02x is none that tensors need: want a file of torch.save", op)
}

// signed reads a little-endian two's complement of at most 8 bytes.
func signed(b []byte) int {
	var n int64
	for i, x := range b {
		n |= int64(x) << (8 * i)
	}
	if k := len(b); k > 0 && k < 8 && b[k-1] >= 0x80 {
		n -= 1 << (8 * k)
	}
	return int(n)
}

func (p *pickleReader) number(size int) (int, error) {
	b, err := p.bytes(size)
	n := 0
	for i, x := range b {
		n |= int(x) << (8 * i)
	}
	return n, err
}

// text reads a string and, before it, its length in size bytes.
func (p *pickleReader) text(size int) (any, error) {
	n, err := p.number(size)
	if err != nil {
		return nil, err
	}
	b, err := p.bytes(n)
	if err == nil && !utf8.Valid(b) {
		err = errors.Errorf("string %.40q is not UTF-8", b)
	}
	return string(b), err
}

func (p *pickleReader) bytes(n int) ([]byte, error) {
	if n < 0 || n > len(p.b)-p.at {
		return nil, errors.Errorf("wants %d bytes and %d are left", n, len(p.b)-p.at)
	}
	p.at += n
	return p.b[p.at-n : p.at], nil
}
