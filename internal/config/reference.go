package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Reference prints the keys of the struct that of points to, in Markdown: a table for
// it, and one for each mapping and each option below it.
func Reference(title string, of any) string {
	r := reference{printed: map[reflect.Type]bool{}}
	r.table(title, "", reflect.ValueOf(of), "")
	return strings.TrimSpace(r.String()) + "\n"
}

type reference struct {
	strings.Builder
	printed map[reflect.Type]bool
}

// table prints the fields of a mapping and then what is within them.
func (r *reference) table(title, doc string, v reflect.Value, path string) {
	fields := fieldsOf(v)
	fmt.Fprintf(r, "### %s\n\n", title)
	if doc != "" {
		fmt.Fprintf(r, "%s\n\n", doc)
	}
	r.keys(fields)
	for _, f := range fields {
		r.within(f, strings.TrimPrefix(path+"."+f.Key, "."))
	}
}

// within prints what there is below a field, if it is a mapping or a choice, or a list of
// them, and was not printed before.
func (r *reference) within(f Field, path string) {
	t := f.Value.Type()
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if r.printed[t] {
		return
	}
	r.printed[t] = true
	p := reflect.New(t)
	if c, ok := p.Interface().(chooser); ok {
		r.options(path, c.Options())
	} else if isStruct(t) {
		r.table("`"+path+"`", "", p, path)
	}
}

// options prints a table for each name that may be chosen; what all have in common is
// printed once.
func (r *reference) options(path string, options []Option) {
	fmt.Fprintf(r, "### `%s`\n\n", path)
	var values []reflect.Value
	for _, o := range options {
		values = append(values, reflect.ValueOf(o.New()))
	}
	common := commonTo(values)
	if len(common) > 0 {
		fmt.Fprint(r, "Keys of all:\n\n")
		r.keys(common)
	}
	for i, o := range options {
		var own []Field
		for _, f := range fieldsOf(values[i]) {
			if !has(common, f.Key) {
				own = append(own, f)
			}
		}
		fmt.Fprintf(r, "**`%s`**: %s\n\n", o.Name, o.Doc)
		r.keys(own)
	}
	for _, v := range values {
		for _, f := range fieldsOf(v) {
			r.within(f, path+"."+f.Key)
		}
	}
}

// commonTo are the fields that several structs all have, with the same default.
func commonTo(values []reflect.Value) (common []Field) {
	if len(values) < 2 {
		return nil
	}
	for _, f := range fieldsOf(values[0]) {
		all := true
		for _, v := range values[1:] {
			all = all && slices.ContainsFunc(fieldsOf(v), func(g Field) bool { return g.Key == f.Key && g.Default == f.Default })
		}
		if all {
			common = append(common, f)
		}
	}
	return common
}

func (r *reference) keys(fields []Field) {
	if len(fields) == 0 {
		return
	}
	fmt.Fprint(r, "| key | value | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, f := range fields {
		fallback := "none"
		switch {
		case f.Need:
			fallback = "must be given"
		case f.Default != "":
			fallback = "`" + f.Default + "`"
		case f.Absent != "":
			fallback = f.Absent
		case isStruct(f.Value.Type()):
			fallback = ""
		case f.Value.Kind() == reflect.Bool:
			fallback = "`false`"
		}
		cell := strings.NewReplacer("|", "\\|").Replace
		fmt.Fprintf(r, "| `%s` | %s | %s | %s |\n", f.Key, cell(f.kindOf(f.Value.Type())), fallback, cell(f.Doc))
	}
	fmt.Fprintln(r)
}
