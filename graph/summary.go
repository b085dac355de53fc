package graph

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// row is a layer of the summary: all nodes of one path.
type row struct {
	path, kind string
	shape      Shape
	params     int
	bytes      int
}

// Summary writes a table of the layers: path, node with what defines it by
// [Scope.Describe], output shape, number of parameters, and memory of the output; below
// it the totals, and the memory that the values of a prediction and of a training step
// take at their peak, without the parameters, the loss and the working memory of single
// operations. What a program makes of the weights for predictions counts; every batch
// size in use has its own.
// Of a model on a CUDA device these are of its memory, with the working memory of its
// operations; a line names the device.
// Below that are the warnings of [Scope.Warn], each once, unless [Quiet] is given.
//
// The layers are those of training. Of a model that cannot be trained on one sample, as
// with a batch norm, and is built for one, they are those for a batch of two.
func (m *Model) Summary(w io.Writer, opts ...SummaryOption) error {
	var settings summary
	guard.Apply(&settings, opts)
	if err := m.built(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("writing the summary: the writer is nil")
	}
	b, x, err := m.asTrained()
	if err != nil {
		return err
	}
	rows := b.rows()
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "path\tnode\toutput shape\tparameters\tmemory")
	fmt.Fprintf(t, "%s\tInput\t%v\t0\t%s\n", inputName, x.Shape(), bytes(x.Shape().TotalSize()*int(m.dtype.Size())))
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%v\t%s\t%s\n", r.path, r.kind, r.shape, thousands(r.params), bytes(r.bytes))
	}
	if err := t.Flush(); err != nil {
		return errors.Wrap(err, "writing the summary")
	}
	predict, train, err := m.Memory()
	if err != nil {
		return err
	}
	params, state := 0, 0
	for _, w := range m.store.order {
		if w.Trainable {
			params += w.Value.Shape().TotalSize()
		} else {
			state += w.Value.Shape().TotalSize()
		}
	}
	peak := fmt.Sprintf("buffers at batch %d: %s to predict", m.shape[0], bytes(predict))
	if train > 0 {
		peak += fmt.Sprintf(", %s to train", bytes(train))
	}
	_, err = fmt.Fprintf(w, "parameters: %s (%s), state: %s\n%s\n",
		thousands(params), bytes(params*int(m.dtype.Size())), thousands(state), peak)
	if r := m.resident; err == nil && r != nil {
		_, err = fmt.Fprintf(w, "device: %v, %s; products of matrices by %s\n", m.device, r.dev.Name(), r.dev.Products())
	}
	if err == nil && !settings.quiet {
		for _, line := range b.warningLines() {
			if _, err = fmt.Fprintln(w, line); err != nil {
				break
			}
		}
	}
	return errors.Wrap(err, "writing the summary")
}

// A SummaryOption adjusts one [Model.Summary].
type SummaryOption func(*summary)

type summary struct{ quiet bool }

// Quiet leaves out the warnings.
func Quiet() SummaryOption { return func(s *summary) { s.quiet = true } }

// asTrained declares the model for training, where dropout shows: for a batch of two if it
// cannot be trained at this batch size, and for evaluation if not at that.
func (m *Model) asTrained() (b *builder, x *Node, err error) {
	err = alone(func() (err error) {
		var y *Node
		if b, x, y, err = m.declare(Train, m.shape); err != nil {
			b, x, y, err = m.declare(Train, m.shapeOf(2))
		}
		if err != nil {
			b, x, y, err = m.declare(Eval, m.shape)
		}
		if err == nil {
			b.warnOfLast(y)
		}
		return err
	})
	return b, x, err
}

// layers merges the nodes of one path into one, the last of them, which shows
// the layer that a user wrote and not the ops it consists of. Between them may be nodes
// of paths under it, such as dropout of the weights of a recurrent layer.
func (b *builder) layers() (out []declared) {
	for _, d := range b.order {
		path := d.node.path
		k := len(out) - 1
		for k >= 0 && strings.HasPrefix(out[k].node.path, join(path, "")) {
			k--
		}
		if k >= 0 && path != "" && out[k].node.path == path {
			out = slices.Delete(out, k, k+1)
		}
		out = append(out, d)
	}
	return out
}

// String is what a row of the summary says of the node.
func (d declared) String() string { return d.kind + parenthesised(d.text) }

// rows returns a row for each layer.
func (b *builder) rows() []row {
	var out []row
	for _, d := range b.layers() {
		shape := d.node.Shape()
		out = append(out, row{path: d.node.path, kind: d.String(), shape: shape, bytes: shape.TotalSize() * int(d.node.Dtype().Size())})
	}
	counted := map[string]bool{}
	for k := range out {
		for _, w := range b.store.order {
			name, under := strings.CutPrefix(w.Name, join(out[k].path, ""))
			if w.Trainable && under && !counted[w.Name] && !strings.Contains(name, ".") {
				counted[w.Name] = true
				out[k].params += w.Value.Shape().TotalSize()
			}
		}
	}
	return out
}

func parenthesised(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

func bytes(n int) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
