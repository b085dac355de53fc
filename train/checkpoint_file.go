package train

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
)

// A checkpoint is a safetensors file: the weights, the state of the optimiser and that
// of callbacks under these prefixes, and the rest as JSON in the metadata. All of these
// names are part of the format.
const (
	checkpointEnding = ".checkpoint.safetensors"
	trainingKey      = "thinnet.training"
	checksumKey      = "thinnet.sha256"
	modelPrefix      = "model."
	optimiserPrefix  = "optimiser."
	callbackPrefix   = "callback."
)

// writeCheckpoint writes a file with a checksum of all that is in it.
func writeCheckpoint(path string, ts []export.Tensor, meta map[string]string) error {
	sum, err := checksum(ts, meta)
	if err != nil {
		return errors.WithMessage(err, path)
	}
	meta = maps.Clone(meta)
	meta[checksumKey] = sum
	return export.WriteSafetensors(path, ts, meta)
}

// readCheckpoint reads a file and compares its checksum, if it has one: the first
// files of Compare had none.
func readCheckpoint(path string) ([]export.Tensor, map[string]string, error) {
	ts, meta, err := export.ReadSafetensors(path)
	if err != nil {
		return nil, nil, err
	}
	want, summed := meta[checksumKey]
	if _, ours := meta[trainingKey]; !summed && !ours {
		return ts, meta, nil
	}
	delete(meta, checksumKey)
	if got, err := checksum(ts, meta); err != nil || got != want {
		return nil, nil, errors.Errorf("%s: its content has changed since it was written: the checksum is %s, want %s", path, got, want)
	}
	return ts, meta, nil
}

func checksum(ts []export.Tensor, meta map[string]string) (string, error) {
	h := sha256.New()
	err := export.EncodeSafetensors(h, ts, meta)
	return hex.EncodeToString(h.Sum(nil)), err
}
