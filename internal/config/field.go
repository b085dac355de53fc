package config

import (
	"reflect"
	"strings"
	"time"
)

// A Field is a key of a mapping and the variable that it sets.
type Field struct {
	Key, Doc string
	Default  string // as text; empty is none
	Absent   string // what holds without a default, in words
	Need     bool
	In       string // an interval that numbers lie in, as in [0,1)
	Of       string // what a word may be, as in loss|accuracy
	Value    reflect.Value
}

// A Fielder lists its fields itself, where they are not those of a struct.
type Fielder interface{ Fields() []Field }

// A Chosen is what a file chose by name, from the options of the struct that embeds it:
//
//	type optimiser struct{ config.Chosen }
//
//	func (optimiser) Options() []config.Option { ... }
//
// In a file it is a mapping with the key name, or the name alone.
type Chosen struct {
	At   Place
	Name string
	Spec any // what New of the option returned, filled; nil if the key is missing
}

// Choice returns c.
func (c *Chosen) Choice() *Chosen { return c }

// A chooser embeds a [Chosen].
type chooser interface {
	Options() []Option
	Choice() *Chosen
}

// An Option is a name that may be chosen, and makes what its keys are for.
type Option struct {
	Name, Doc string
	New       func() any // a pointer to a struct, or a [Fielder]
}

// A Decoder reads a node itself.
type Decoder interface {
	DecodeNode(n *Node) error
	Type() string // in words
}

// A Path is that of a file or folder. In a file it is relative to the folder of the file, and read it is absolute.
type Path string

var (
	durationType = reflect.TypeFor[time.Duration]()
	pathType     = reflect.TypeFor[Path]()
)

// fieldsOf lists the fields of a pointer to a struct, or of a [Fielder].
func fieldsOf(v reflect.Value) []Field {
	if f, ok := v.Interface().(Fielder); ok {
		return f.Fields()
	}
	return structFields(v.Elem())
}

func structFields(v reflect.Value) (fields []Field) {
	for i := range v.NumField() {
		t := v.Type().Field(i)
		if t.Anonymous {
			fields = append(fields, structFields(v.Field(i))...)
			continue
		}
		if key, ok := t.Tag.Lookup("key"); ok {
			tag := t.Tag.Get
			fields = append(fields, Field{key, tag("doc"), tag("default"), tag("absent"), tag("need") != "", tag("in"), tag("of"), v.Field(i)})
		}
	}
	return fields
}

// kindOf says in words what a field of a type wants.
func (f Field) kindOf(t reflect.Type) string {
	if d, ok := reflect.New(t).Interface().(Decoder); ok {
		return d.Type()
	}
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[chooser]()):
		return "a name, or a mapping with a name"
	case t == durationType:
		return "a duration such as 10m"
	case t == pathType:
		return "a path"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return f.kindOf(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "a whole number" + f.rangeOf()
	case reflect.Float64:
		return "a number" + f.rangeOf()
	case reflect.String:
		if f.Of != "" {
			return orList(strings.Split(f.Of, "|"))
		}
		return "text"
	case reflect.Slice:
		return "a list: each " + f.kindOf(t.Elem())
	}
	return "a mapping"
}

func (f Field) rangeOf() string {
	if f.In == "" {
		return ""
	}
	return " " + parseInterval(f.In).words(f.Key)
}

// orList is "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
