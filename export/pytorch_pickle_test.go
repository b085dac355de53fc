package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// An item is an entry of an archive made here.
type item struct{ name, data string }

// torchArchiveOf is as torch.save writes it, stored and in order.
func torchArchiveOf(t *testing.T, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, i := range items {
		w, err := z.CreateRaw(&zip.FileHeader{Name: i.name, CRC32: crc32.ChecksumIEEE([]byte(i.data)),
			CompressedSize64: uint64(len(i.data)), UncompressedSize64: uint64(len(i.data))})
		if err == nil {
			_, err = w.Write([]byte(i.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decodeTorch(file []byte) ([]Tensor, error) {
	return DecodePyTorch(bytes.NewReader(file), int64(len(file)))
}

// decodePickled reads an archive of a pickle and of one storage of 4 elements.
func decodePickled(t *testing.T, pickle string) ([]Tensor, error) {
	return decodeTorch(torchArchiveOf(t, item{"a/data.pkl", pickle}, item{"a/data/0", strings.Repeat("\x00\x00\x80\x3f", 4)}))
}

// Pieces of pickles. pyInt is LONG1 of 8 bytes.
func pyInt(n uint64) string { return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, n)) }
func pyText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}
func pyTuples(n ...uint64) string {
	out := "("
	for _, x := range n {
		out += pyInt(x)
	}
	return out + "t"
}

func pyStorage(class string, elements uint64) string {
	return "(" + pyText("storage") + "ctorch\n" + class + "\n" + pyText("0") + pyText("cpu") + pyInt(elements) + "tQ"
}

func pyTensor(elements, offset uint64, shape, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + pyStorage("FloatStorage", elements) + pyInt(offset) + shape + strides +
		"\x89ccollections\nOrderedDict\n)RtR"
}

func pyDictOf(pairs ...string) string { return "\x80\x02}(" + strings.Join(pairs, "") + "u." }

func TestPickledTensors(t *testing.T) {
	x := pyText("x")
	good := pyTensor(4, 0, pyTuples(2, 2), pyTuples(2, 1))
	ts, err := decodePickled(t, pyDictOf(x, good))
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, ts, []Tensor{{"x", dense([]float32{1, 1, 1, 1}, 2, 2)}})

	for _, c := range []struct{ name, pickle, want string }{
		{"2^60 elements", pyDictOf(x, pyTensor(1<<60, 0, pyTuples(1<<60), pyTuples(1))),
			`tensor "x": storage "0": has 16 bytes, want those of 1152921504606846976 elements of F32`},
		{"2^60 of a small storage", pyDictOf(x, pyTensor(4, 0, pyTuples(1<<60), pyTuples(1))), "does not fit a storage of 4 elements"},
		{"2^60 of one element", pyDictOf(x, pyTensor(4, 0, pyTuples(1<<60), pyTuples(0))), "does not fit a storage of 4 elements"},
		{"2^120 elements", pyDictOf(x, pyTensor(4, 0, pyTuples(1<<60, 1<<60), pyTuples(1, 1))), "want as many of both and what memory can hold"},
		{"strides of 2^62", pyDictOf(x, pyTensor(4, 0, pyTuples(2, 2), pyTuples(1<<62, 1<<62))), "does not fit"},
		{"offset of 2^62", pyDictOf(x, pyTensor(4, 1<<62, pyTuples(2, 2), pyTuples(2, 1))), "does not fit"},
		{"behind the end", pyDictOf(x, pyTensor(4, 1, pyTuples(2, 2), pyTuples(2, 1))), "at 1 does not fit a storage of 4 elements"},
		{"offset below 0", pyDictOf(x, pyTensor(4, 1<<63, pyTuples(1), pyTuples(1))), "want a storage and an offset"},
		{"size below 0", pyDictOf(x, pyTensor(4, 0, pyTuples(1<<63), pyTuples(1))), "shape: has the number -9223372036854775808, want whole numbers from 0"},
		{"strides missing", pyDictOf(x, pyTensor(4, 0, pyTuples(2, 2), pyTuples(2))), "has shape [2 2] and strides [2]"},
		{"65 axes", pyDictOf(x, pyTensor(4, 0, pyTuples(make([]uint64, 65)...), ")")), "is a tuple of 65, want a tuple of at most 64"},
		{"two types", pyDictOf(x, good, pyText("y"), strings.Replace(good, "FloatStorage", "IntStorage", 1)), "is of F32 and of I32, want one type"},
		{"twice", pyDictOf(x, good, x, good), `tensor "x" is there twice`},
		{"no record", pyDictOf(x, strings.Replace(good, pyText("0"), pyText("1"), 1)), `storage "1": is not in the archive`},
		{"os.system", "\x80\x02cos\nsystem\n" + x + "\x85R.", `byte 2: refuses "os.system": only tensors are read`},
		{"by STACK_GLOBAL", "\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", `refuses "builtins.eval"`},
		{"a module of torch", "\x80\x02ctorch.hub\nload\n.", `refuses "torch.hub.load"`},
		{"Python's bytes of a storage", "\x80\x02ctorch.storage\n_load_from_bytes\n.", `refuses "torch.storage._load_from_bytes"`},
		{"NEWOBJ", "\x80\x02ccollections\nOrderedDict\n)\x81.", "instruction 0x81 is none that tensors need"},
		{"INST", "\x80\x02(ios\nsystem\n.", "instruction 0x69 is none"},
		{"attributes of a list", "\x80\x02]}b.", "sets attributes of a list of 0"},
		{"a call of a dict", "\x80\x02})R.", "calls a dict of 0 with a tuple of 0, want a function and a tuple"},
		{"an OrderedDict of values", "\x80\x02ccollections\nOrderedDict\n]\x85R.", "which is not what torch.save does"},
		{"a list", "\x80\x02].", "holds a list of 0, want a dict of tensors"},
		{"two values", "\x80\x02}}.", "ends with 1 values more"},
		{"no value", "\x80\x02.", "takes 1 values where there are 0"},
		{"from before a mark", "\x80\x02}(a.", "takes 1 values where there are 0"},
		{"no mark", "\x80\x02u.", "there is no mark"},
		{"memo", "\x80\x02h\x05.", "takes value 5 from the memo"},
		{"protocol", "\x80\x09}.", "protocol is 9, want 2 to 5"},
		{"long text", "\x80\x02X\xff\xff\xff\xffa.", "wants 4294967295 bytes and 2 are left"},
		{"not UTF-8", pyDictOf("X\x01\x00\x00\x00\xff", good), "is not UTF-8"},
		{"odd", "\x80\x02}(" + x + "u.", "sets 1 keys and values"},
		{"endless", "\x80\x02}", "wants 1 bytes and 0 are left"},
		{"no name", "\x80\x02cos", "a name has no end"},
		{"another reference", "\x80\x02]Q.", "refers to a list of 0, want a storage"},
	} {
		ts, err := decodePickled(t, c.pickle)
		wantError(t, c.name, err, c.want)
		if ts != nil {
			t.Errorf("%s: got %v, want nil", c.name, ts)
		}
	}
}

// A dict may be in another any number of times, and in itself: small files that
// name very many tensors.
func TestPickledDictsWithinEachOther(t *testing.T) {
	x := pyText("x")
	self := "\x80\x02}q\x00" + x + "h\x00s."
	doubled := "\x80\x02}q\x00" + x + pyTensor(4, 0, pyTuples(4), pyTuples(1)) + "s"
	for i := range 60 {
		doubled += fmt.Sprintf("0}q%c(", i+1) + pyText("a") + fmt.Sprintf("h%c", i) + pyText("b") + fmt.Sprintf("h%cu", i)
	}
	doubled = strings.ReplaceAll(doubled, "0}", "}") // POP is not known: leave all on the stack
	doubled = doubled + strings.Repeat("\x86", 60) + "\x85"
	for name, pickle := range map[string]string{"in itself": self, "2^60 times": "\x80\x02}" + pyText("all") + doubled[2:] + "s."} {
		_, err := decodePickled(t, pickle)
		wantError(t, name, err, "takes over 8 times its size")
	}
}

// Many views of one storage that are no memory of their own, and then some that are.
func TestViewsOfAStorage(t *testing.T) {
	var same, others []string
	for i := range 100 {
		same = append(same, pyText(fmt.Sprint(i)), pyTensor(4, 0, pyTuples(2, 2), pyTuples(1, 2)))
	}
	ts, err := decodePickled(t, pyDictOf(same...))
	if err != nil || len(ts) != 100 || &ts[0].Value.Float32s()[0] != &ts[99].Value.Float32s()[0] {
		t.Errorf("got %d tensors (%v), want 100 of one memory", len(ts), err)
	}
	for i := range uint64(9) {
		others = append(others, pyText(fmt.Sprint(i)), pyTensor(4, i%3, pyTuples(2), pyTuples(i%3+2)))
		others = append(others, pyText(fmt.Sprint("row", i)), pyTensor(4, i%3, pyTuples(1, 1, 1), pyTuples(9, i, 1<<60)))
	}
	_, err = decodePickled(t, pyDictOf(others...))
	wantError(t, "copies", err, "does not fit")
}

func TestPyTorchArchives(t *testing.T) {
	good := item{"a/data.pkl", pyDictOf(pyText("x"), pyTensor(1, 0, ")", ")"))}
	storage := item{"a/data/0", "\x00\x00\x80\x3f"}
	ts, err := decodeTorch(torchArchiveOf(t, good, storage))
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, ts, []Tensor{{"x", dense([]float32{1})}})
	for _, c := range []struct {
		name  string
		items []item
		want  string
	}{
		{"empty", nil, "has no entry data.pkl"},
		{"no pickle", []item{storage}, "has no entry data.pkl"},
		{"a path that leaves", []item{good, {"a/../../etc/passwd", ""}}, `entry "a/../../etc/passwd" is not within a/`},
		{"an absolute path", []item{good, {"/data/0", ""}}, `entry "/data/0" is not within a/`},
		{"a path of Windows", []item{good, {`a\data\0`, ""}}, "is not within a/"},
		{"a path of Windows within", []item{good, {`a/..\..\0`, ""}}, "is not within a/"},
		{"two folders", []item{good, {"b/data/0", ""}}, `entry "b/data/0" is not within a/`},
		{"twice", []item{good, storage, storage}, `entry "a/data/0" is there twice`},
		{"a short storage", []item{good, {"a/data/0", "abc"}}, "has 3 bytes, want those of 1 elements of F32"},
		{"a long storage", []item{good, {"a/data/0", "abcdefgh"}}, "has 8 bytes, want those of 1 elements of F32"},
		{"byte order", []item{good, storage, {"a/byteorder", "middle"}}, `byteorder is "middle", want little or big`},
		{"long byte order", []item{good, storage, {"a/byteorder", strings.Repeat("l", 99)}}, "has 99 bytes, want at most 16"},
	} {
		_, err := decodeTorch(torchArchiveOf(t, c.items...))
		wantError(t, c.name, err, c.want)
	}
}

// What lies about sizes and places: the directory of the archive is believed in
// nothing.
func TestPyTorchLies(t *testing.T) {
	pickle := pyDictOf(pyText("x"), pyTensor(1<<28, 0, pyTuples(1<<28), pyTuples(1)))
	described := header("a/data.pkl", zip.Store, pickle, pickle)
	raw := deflated(t, strings.Repeat("\x00", 1<<20))
	bomb := header("a/data/0", zip.Deflate, raw, raw)
	bomb.UncompressedSize64 = 1 << 30
	large := header("a/data/0", zip.Store, "abcd", "abcd")
	large.CompressedSize64, large.UncompressedSize64 = 1<<30, 1<<30
	damaged := header("a/data/0", zip.Store, "abcd", "abcd")
	damaged.CRC32++
	for _, c := range []struct {
		name string
		h    zip.FileHeader
		data string
		want string
	}{
		{"compressed", bomb, raw, "for 1073741824, want them stored uncompressed"},
		{"larger than the file", large, "abcd", `entry "a/data/0" has 1073741824 bytes, want at most`},
	} {
		var err error
		f := torchArchiveOfRaw(t, described, pickle, c.h, c.data)
		got := allocated(func() { _, err = decodeTorch(f) })
		wantError(t, c.name, err, c.want)
		if most := uint64(32 << 10); got > most {
			t.Errorf("%s: allocated %d bytes, want at most %d", c.name, got, most)
		}
	}

	pickle = pyDictOf(pyText("x"), pyTensor(1, 0, ")", ")"))
	described = header("a/data.pkl", zip.Store, pickle, pickle)
	_, err := decodeTorch(torchArchiveOfRaw(t, described, pickle, damaged, "abcd"))
	wantError(t, "checksum", err, `tensor "x": storage "0": after the data: zip: checksum error`)

	// A directory of one entry twice, under two names.
	whole := torchArchiveOf(t, item{"a/data.pkl", pickle}, item{"a/data/0", "abcd"}, item{"a/data/1", "abcd"})
	offset := bytes.LastIndex(whole, []byte("a/data/0")) - 4
	second := bytes.LastIndex(whole, []byte("a/data/1")) - 4
	copy(whole[second:second+4], whole[offset:offset+4])
	_, err = decodeTorch(whole)
	wantError(t, "overlap", err, `entries "a/data/0" and "a/data/1" overlap`)
}

func torchArchiveOfRaw(t *testing.T, h1 zip.FileHeader, data1 string, h2 zip.FileHeader, data2 string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, h := range []zip.FileHeader{h1, h2} {
		w, err := z.CreateRaw(&h)
		if err == nil {
			_, err = w.Write([]byte([]string{data1, data2}[i]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Memory is in proportion to the file: its size for tensors in order, and that of
// the description a hundred times at most.
func TestPyTorchMemory(t *testing.T) {
	const n = 1 << 20
	pickle := pyDictOf(pyText("x"), pyTensor(n/4, 0, pyTuples(n/4), pyTuples(1)))
	f := torchArchiveOf(t, item{"a/data.pkl", pickle}, item{"a/data/0", strings.Repeat("abcd", n/4)})
	got := allocated(func() {
		if _, err := decodeTorch(f); err != nil {
			t.Error(err)
		}
	})
	if most := uint64(n + 96<<10); got > most {
		t.Errorf("allocated %d bytes for a tensor of %d, want at most %d", got, n, most)
	}
	for _, filler := range []string{"}", "]", "(", ")", "N", "}q\x00", "K\xff", "M\xff\xff", "G\x00\x00\x00\x00\x00\x00\x00\x01", pyText("")} {
		pickle := "\x80\x02" + strings.Repeat(filler, n/4/len(filler))
		f := torchArchiveOf(t, item{"a/data.pkl", pickle})
		got := allocated(func() {
			if _, err := decodeTorch(f); err == nil {
				t.Errorf("%q: got no error", filler)
			}
		})
		if most := uint64(150 * len(pickle)); got > most {
			t.Errorf("%q: allocated %d bytes in all for a description of %d, want at most %d", filler, got, len(pickle), most)
		}
	}
}

// What is not wanted is listed and not read: its storage may even be missing.
func TestPyTorchReadsWhatIsWanted(t *testing.T) {
	x, y := pyTensor(1, 0, ")", ")"), strings.Replace(pyTensor(1, 0, ")", ")"), pyText("0"), pyText("1"), 1)
	f := torchArchiveOf(t, item{"a/data.pkl", pyDictOf(pyText("x"), x, pyText("y"), y)}, item{"a/data/0", "\x00\x00\x80\x3f"})
	ts, err := decodePyTorch(bytes.NewReader(f), int64(len(f)), func(name string) bool { return name == "x" })
	if err != nil {
		t.Fatal(err)
	}
	if len(ts) != 2 || ts[0].Value == nil || ts[1].Name != "y" || ts[1].Value != nil {
		t.Errorf("got %v, want x with a value and y without", ts)
	}
}
