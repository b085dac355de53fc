package export

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// A jsonReader reads JSON whose form is known. It never recurses, so depth
// costs nothing, and it refuses what encoding/json lets pass: equal keys and
// halves of surrogate pairs.
type jsonReader struct{ *json.Decoder }

// object reads an object and calls member at the value of each key.
func (r jsonReader) object(member func(key string) error) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.More() {
		key, err := r.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return errors.Errorf("key %q is there twice, want each once", key)
		}
		seen[key] = true
		if err := member(key); err != nil {
			return errors.WithMessagef(err, "%q", key)
		}
	}
	return r.delim('}')
}

// sizes reads an array of at most most whole numbers.
func (r jsonReader) sizes(most int) ([]uint64, error) {
	if err := r.delim('['); err != nil {
		return nil, err
	}
	var out []uint64
	for r.More() {
		if len(out) == most {
			return nil, errors.Errorf("has more than %d numbers", most)
		}
		tok, err := r.token()
		if err != nil {
			return nil, err
		}
		num, _ := tok.(json.Number)
		n, err := strconv.ParseUint(string(num), 10, 64)
		if err != nil {
			return nil, errors.Errorf("contains %v, want a whole number from 0 to 2^64-1", tok)
		}
		out = append(out, n)
	}
	return out, r.delim(']')
}

func (r jsonReader) text() (string, error) {
	tok, err := r.token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", errors.Errorf("is %v, want a string", tok)
	}
	if strings.ContainsRune(s, utf8.RuneError) {
		return "", errors.Errorf("%q contains U+FFFD or half a surrogate pair", s)
	}
	return s, nil
}

func (r jsonReader) delim(want json.Delim) error {
	tok, err := r.token()
	if err == nil && tok != want {
		err = errors.Errorf("is %v, want %v", tok, want)
	}
	return err
}

func (r jsonReader) token() (json.Token, error) {
	tok, err := r.Token()
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, errors.New("JSON ends early")
	}
	return tok, errors.Wrap(err, "is not JSON")
}
