// Package export moves named arrays between a model and files that other
// programs read: safetensors (PyTorch, candle, Hugging Face) and NumPy's NPY
// and NPZ.
//
//	err := export.SaveSafetensors(m, "fashion.safetensors")
//
// Names are the paths of the graph, as PyTorch's state_dict writes them:
// conv1.weight, bn1.running_mean.
//
// # Writing
//
// A file is written under a temporary name in its folder, synced and renamed,
// so that after a crash or an error the old file is there whole. The same
// tensors give the same bytes: nothing depends on the clock or on the order of
// a map.
//
// # Reading
//
// A file is not trusted. Each size it states is checked against its bytes
// before memory is reserved for it, so that reading takes memory in proportion
// to the file: its size, three times that for halves, which are widened to
// float32, and twice for arrays in Fortran order. A compressed NPZ may hold
// what deflate can pack, 1032 times its size, but memory grows only with what
// was unpacked. Nothing is run and nothing is unpacked to disk; pickled
// objects are refused.
//
// Errors name the file and the tensor, say what is wrong and what was wanted.
package export
