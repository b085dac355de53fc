package config

import (
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Decode fills the struct that into points to from a mapping. In n, too, paths become
// absolute and defaults stand where there was nothing: so it says the same wherever it is
// written, and for later versions.
func (n *Node) Decode(into any) error {
	var d decoder
	d.mapping(n, reflect.ValueOf(into), "")
	return d.bad.orNil()
}

// A decoder collects mistakes.
type decoder struct{ bad mistakes }

func (d *decoder) errorf(at Place, format string, args ...any) {
	d.bad = append(d.bad, Errorf(at, format, args...))
}

// mapping fills what v points to. Some keys may be known otherwise.
func (d *decoder) mapping(n *Node, v reflect.Value, of string, known ...string) {
	fields := fieldsOf(v)
	if n.kind != mapping && n.kind != empty {
		d.errorf(n.At, "is %v, want a mapping with keys of %s", n.kind, keysOf(fields))
		return
	}
	for _, p := range n.keys {
		if !has(fields, p.name) && !contains(known, p.name) {
			d.errorf(p.at, "unknown key %s%s, %s", p.name, of, want(p.name, append(names(fields), known...)))
		}
	}
	for _, f := range fields {
		at := n.Find(f.Key)
		if at != nil && at.null && f.Value.Kind() == reflect.Pointer {
			n.remove(f.Key)
			continue
		}
		switch {
		case at != nil && !(at.kind == empty && isStruct(f.Value.Type())):
			d.value(at, f, f.Value)
		case f.Need:
			d.errorf(n.At, "%s is missing%s, want %s: %s", f.Key, of, f.Doc, f.kindOf(f.Value.Type()))
		case f.Default != "":
			// It is of this program: what is wrong with it is found by a test.
			d.value(n.add(f.Key, &Node{At: n.At, kind: scalar, text: f.Default}), f, f.Value)
		case isStruct(f.Value.Type()):
			d.mapping(n.add(f.Key, &Node{At: n.At}), f.Value.Addr(), " of "+f.Key)
		}
	}
}

// remove takes a key from a mapping.
func (n *Node) remove(name string) {
	n.keys = slices.DeleteFunc(slices.Clone(n.keys), func(p pair) bool { return p.name == name })
}

// add gives a mapping a key that is missing, or empty.
func (n *Node) add(name string, value *Node) *Node {
	n.kind = mapping
	if i := n.index(name); i >= 0 {
		n.keys[i].value = value
	} else {
		n.keys = append(n.keys, pair{name, n.At, value})
	}
	return value
}

// isStruct says whether a type is a mapping that is always there.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[chooser]()) && !reflect.PointerTo(t).Implements(reflect.TypeFor[Decoder]())
}

// value sets v, a field or an element of it.
func (d *decoder) value(n *Node, f Field, v reflect.Value) {
	if c, ok := v.Addr().Interface().(Decoder); ok {
		if err := c.DecodeNode(n); err != nil {
			d.errorf(n.At, "%s %v, want %s", f.Key, err, c.Type())
		}
		return
	}
	if c, ok := v.Addr().Interface().(chooser); ok {
		d.choose(n, c, f)
		return
	}
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer && n.kind == empty:
		d.errorf(n.At, "%s is empty, want %s, or null for none", f.Key, f.kindOf(t))
		return
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.value(n, f, v.Elem())
		return
	case t.Kind() == reflect.Struct:
		d.mapping(n, v.Addr(), " of "+f.Key)
		return
	case t.Kind() == reflect.Slice:
		d.list(n, f, v)
		return
	case n.kind != scalar:
		d.errorf(n.At, "%s is %v, want %s", f.Key, n.kind, f.kindOf(t))
		return
	}
	if !d.scalar(n, f, v) {
		d.errorf(n.At, "%s is %s, want %s", f.Key, n.short(), f.kindOf(t))
	}
}

func (d *decoder) list(n *Node, f Field, v reflect.Value) {
	items := n.items
	switch n.kind {
	case scalar: // of the default, or a list of one
		items = []*Node{n}
	case list:
	default:
		d.errorf(n.At, "%s is %v, want %s", f.Key, n.kind, f.kindOf(v.Type()))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		d.value(item, f, v.Index(i))
	}
}

// scalar sets a number, a word or a switch, and says whether it could.
func (d *decoder) scalar(n *Node, f Field, v reflect.Value) bool {
	text := n.text
	switch {
	case v.Type() == durationType:
		t, err := time.ParseDuration(text)
		v.SetInt(int64(t))
		return err == nil && t > 0
	case v.Type() == pathType:
		if text == "" {
			return false
		}
		if n.At.Line > 0 && !filepath.IsAbs(text) { // not of the command line
			text = filepath.Join(filepath.Dir(n.At.File), text)
		}
		if abs, err := filepath.Abs(text); err == nil {
			text = abs
		}
		n.text = text
		v.SetString(text)
		return true
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(text == "true")
		return text == "true" || text == "false"
	case reflect.Int:
		i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
		v.SetInt(i)
		return err == nil && f.holds(float64(i))
	case reflect.Uint64:
		i, err := strconv.ParseUint(strings.ReplaceAll(text, "_", ""), 10, 64)
		v.SetUint(i)
		return err == nil && f.holds(float64(i))
	case reflect.Float64:
		x, ok := number(text)
		v.SetFloat(x)
		return ok && f.holds(x)
	}
	v.SetString(text)
	return f.Of == "" || contains(strings.Split(f.Of, "|"), text)
}

func (f Field) holds(x float64) bool { return f.In == "" || parseInterval(f.In).has(x) }

func number(text string) (float64, bool) {
	switch strings.ToLower(text) {
	case ".inf", "+.inf", "inf":
		return math.Inf(1), true
	case ".nan":
		return math.NaN(), true
	case "-.inf":
		return math.Inf(-1), true
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) && !strings.ContainsAny(text, "xX")
}

// choose reads a name, which may be that of the default, and what belongs to it.
func (d *decoder) choose(n *Node, c chooser, f Field) {
	key := f.Key
	chosen, options := c.Choice(), c.Options()
	*chosen = Chosen{At: n.At}
	at := n
	switch n.kind {
	case mapping:
		at = n.Find("name")
		if at == nil && f.Default != "" {
			at = n.add("name", &Node{At: n.At, kind: scalar, text: f.Default})
		}
		if at == nil {
			d.errorf(n.At, "name is missing of %s, want %s", key, listed(optionNames(options)))
			return
		}
		if at.kind == scalar {
			break
		}
		fallthrough
	case list, empty:
		d.errorf(at.At, "%s is %v, want %s, or a mapping with such a name", key, at.kind, listed(optionNames(options)))
		return
	}
	chosen.Name = at.text
	for _, o := range options {
		if o.Name == chosen.Name {
			chosen.Spec = o.New()
			n.named()
			d.mapping(n, reflect.ValueOf(chosen.Spec), " of "+o.Name, "name")
			return
		}
	}
	d.errorf(at.At, "unknown %s %s, %s", key, at.short(), want(at.text, optionNames(options)))
}

// short is a scalar to print.
func (n *Node) short() string {
	if r := []rune(n.text); len(r) > 40 {
		return strconv.Quote(string(r[:40]) + "...")
	}
	return quoted(n.text)
}
