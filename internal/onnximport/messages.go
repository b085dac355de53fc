package onnximport

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// messages counts those within a message of a kind, up to a bit over most, and as far as it
// is one. An empty one takes two bytes in a file, and some hundred when it is read.
func messages(data []byte, of protoreflect.MessageDescriptor, most, depth int) (n int) {
	for len(data) > 0 && n <= most && depth > 0 {
		number, kind, tag := protowire.ConsumeTag(data)
		if tag < 0 {
			return n
		}
		data = data[tag:]
		size := protowire.ConsumeFieldValue(number, kind, data)
		if size < 0 {
			return n
		}
		if f := of.Fields().ByNumber(number); kind == protowire.BytesType && f != nil && f.Kind() == protoreflect.MessageKind {
			within, _ := protowire.ConsumeBytes(data)
			n += 1 + messages(within, f.Message(), most-n, depth-1)
		}
		data = data[size:]
	}
	return n
}
