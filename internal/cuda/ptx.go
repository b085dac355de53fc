package cuda

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda/kernels"
)

// A signature is the types of a kernel's parameters, as PTX names them: u64 for pointers.
type signature []string

// entries are the kernels of all modules.
type entries struct {
	signatures map[string]signature
	modules    map[string]string // kernel to the file it is in
	text       map[string]string // of a file
}

var (
	entryText     = regexp.MustCompile(`(?s)\.entry (\w+)\(([^)]*)\)`)
	parameterText = regexp.MustCompile(`\.param \.(\w+)`)
)

// allEntries reads the embedded PTX, once.
var allEntries = sync.OnceValue(func() entries {
	e := entries{map[string]signature{}, map[string]string{}, map[string]string{}}
	files, err := fs.Glob(kernels.PTX, "*.ptx")
	if err != nil {
		panic(err) // of the pattern
	}
	for _, name := range files {
		data, err := kernels.PTX.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		e.text[name] = string(data)
		for _, m := range entryText.FindAllStringSubmatch(string(data), -1) {
			var sig signature
			for _, p := range parameterText.FindAllStringSubmatch(m[2], -1) {
				sig = append(sig, strings.Replace(p[1], "s", "u", 1))
			}
			e.signatures[m[1]], e.modules[m[1]] = sig, name
		}
	}
	return e
})

func signatureOf(kernel string) (signature, error) {
	sig, ok := allEntries().signatures[kernel]
	if !ok {
		return nil, errors.Errorf("there is no kernel %q", kernel)
	}
	return sig, nil
}
