// Package export moves named arrays between a model and files that other
// programs read: safetensors (PyTorch, candle, Hugging Face) and NumPy's NPY
// and NPZ. It reads the files of PyTorch's torch.save, and the weights of Keras.
//
//	err := export.SaveSafetensors(m, "fashion.safetensors")
//	err := export.LoadPyTorch(m, "checkpoint.pt", export.Under("state_dict."))
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
// float32, and twice for arrays in Fortran order. A compressed NPZ may unpack
// to 64 MiB and 200 times its size; what does to more is taken for a
// decompression bomb. Nothing is run and nothing is unpacked to disk; of what a
// pickle asks to be called, only what makes tensors is known, and it is not
// called. What was tried is in docs/robustness.md.
//
// Errors name the file and the tensor, say what is wrong and what was wanted.
package export
