// Package config reads small declarative YAML files into structs, strictly: an unknown
// key, a value of another type or outside its range, a key that is missing or there
// twice is an error with file, line and column that says what would be right. All
// mistakes of a file come in one error.
//
// # Structs
//
// What a file may say is a struct whose fields have tags:
//
//	type training struct {
//		Epochs int      `key:"epochs" default:"5" in:"[1,inf)" doc:"passes over the data"`
//		Freeze []string `key:"freeze" doc:"patterns of parameters that stay as they are"`
//	}
//
// A field has a default, or need:"yes", or else may be missing, and absent says what then;
// one that is a pointer may also be null, which is missing. in is an interval that numbers
// lie in, and of is what a word may be, as in of:"loss|accuracy". Embedded structs are as
// if their fields stood there. A [Chosen] is a name that decides which further keys there
// are. [Reference] prints the keys as documentation, so that there is no second list of
// them.
//
// # Bounds
//
// A file has at most 64 KiB and 16 levels. Anchors, aliases, merge keys, tags and
// several documents are errors: such a file says everything once.
package config
