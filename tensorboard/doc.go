// Package tensorboard writes event files, from which TensorBoard draws curves,
// histograms, pictures and the graph of a model:
//
//	w, err := tensorboard.New("runs/1")
//	if err != nil {
//		return err
//	}
//	defer w.Close()
//	err = w.Scalar("loss", step, loss)
//
// train.TensorBoard does so in a training; a [Writer] is for values of your own. In
// PyTorch: SummaryWriter.
//
// A tag names a series. TensorBoard puts those together that have the same beginning up
// to the first slash, as in weights/conv1 and weights/conv2, and lays series of one tag
// over each other that are in neighbouring folders.
package tensorboard
