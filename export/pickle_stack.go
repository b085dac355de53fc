package export

import (
	"bytes"
	"fmt"

	"github.com/pkg/errors"
)

// push is called with what a function returned.
func (p *pickleReader) push(v any, err error) error {
	if err == nil {
		p.stack = append(p.stack, v)
	}
	return err
}

func (p *pickleReader) pop() (any, error) {
	v, err := p.popN(1)
	return at(v, 0), err
}

// popN returns the last n values, none of which is from before a mark. They are
// a copy: the stack goes on to use its memory.
func (p *pickleReader) popN(n int) ([]any, error) {
	floor := 0
	if len(p.marks) > 0 {
		floor = p.marks[len(p.marks)-1]
	}
	if len(p.stack)-floor < n {
		return nil, errors.Errorf("takes %d values where there are %d", n, len(p.stack)-floor)
	}
	return p.cut(len(p.stack) - n), nil
}

// popMark returns the values since the last mark and removes it.
func (p *pickleReader) popMark() ([]any, error) {
	if len(p.marks) == 0 {
		return nil, errors.New("takes the values since a mark, and there is no mark")
	}
	from := p.marks[len(p.marks)-1]
	p.marks = p.marks[:len(p.marks)-1]
	return p.cut(from), nil
}

func (p *pickleReader) cut(from int) []any {
	out := append([]any(nil), p.stack[from:]...)
	clear(p.stack[from:])
	p.stack = p.stack[:from]
	return out
}

// some returns the last value, or those since the mark.
func (p *pickleReader) some(sinceMark bool, n int) ([]any, error) {
	if sinceMark {
		return p.popMark()
	}
	return p.popN(n)
}

func (p *pickleReader) appendItems(many bool) error {
	items, err := p.some(many, 1)
	if err != nil {
		return err
	}
	l, err := p.pop()
	if err != nil {
		return err
	}
	list, ok := l.(*pyList)
	if !ok {
		return errors.Errorf("appends to %s, want a list", describe(l))
	}
	list.items = append(list.items, items...)
	return p.push(list, nil)
}

func (p *pickleReader) setItems(many bool) error {
	items, err := p.some(many, 2)
	if err != nil {
		return err
	}
	d, err := p.pop()
	if err != nil {
		return err
	}
	dict, ok := d.(*pyDict)
	if !ok || len(items)%2 != 0 {
		return errors.Errorf("sets %d keys and values of %s, want pairs, of a dict", len(items), describe(d))
	}
	for i := 0; i < len(items); i += 2 {
		dict.keys, dict.values = append(dict.keys, items[i]), append(dict.values, items[i+1])
	}
	return p.push(dict, nil)
}

// remember stores the last value in the memo, or pushes one from there.
func (p *pickleReader) remember(op byte) error {
	size := map[byte]int{'q': 1, 'h': 1, 'r': 4, 'j': 4}[op]
	n, err := p.number(size)
	if err != nil {
		return err
	}
	key := uint32(n)
	switch op {
	case 'h', 'j':
		v, ok := p.memo[key]
		if !ok {
			return errors.Errorf("takes value %d from the memo, which has none there", key)
		}
		return p.push(v, nil)
	case 0x94: // MEMOIZE
		key = uint32(len(p.memo))
	}
	v, err := p.pop()
	if err == nil {
		p.memo[key] = v
	}
	return p.push(v, err)
}

// global reads the name of a class or a function: two lines, or two values.
func (p *pickleReader) global(lines bool) (any, error) {
	var parts [2]string
	if lines {
		for i := range parts {
			end := bytes.IndexByte(p.b[p.at:], '\n')
			if end < 0 {
				return nil, errors.New("a name has no end")
			}
			parts[i] = string(p.b[p.at : p.at+end])
			p.at += end + 1
		}
	} else {
		v, err := p.popN(2)
		if err != nil {
			return nil, err
		}
		for i := range parts {
			parts[i], _ = v[i].(string)
		}
	}
	return globalOf(parts[0], parts[1])
}

func at(v []any, i int) any {
	if i < len(v) {
		return v[i]
	}
	return nil
}

// describe says what a value is, for errors.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case pyTuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *pyList:
		return fmt.Sprintf("a list of %d", len(v.items))
	case *pyDict:
		return fmt.Sprintf("a dict of %d", len(v.keys))
	case pyGlobal:
		return string(v)
	case *torchTensor:
		return "a tensor"
	case torchStorage:
		return "a storage"
	case string:
		return fmt.Sprintf("the string %.40q", v)
	case int, float64, bool:
		return fmt.Sprintf("the number %v", v)
	}
	return "another value"
}
