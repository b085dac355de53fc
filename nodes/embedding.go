package nodes

import (
	"math/rand/v2"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Embedding replaces each word of x, a number from 0 to words-1, by its row of a
// table:
//
//	y[..., :] = weight[x[...], :]
//
// Shapes: x is of any shape, such as (N, T); y has dim numbers for each of its
// elements, (N, T, dim); weight is (words, dim). x holds whole numbers of type float32,
// float64, int, int32 or int64, such as the input of a model, which is of the model's
// element type; float32 has all whole numbers up to 2²⁴. A number that is no word is an
// error of the run.
//
// The gradient of weight is dense, and sums up in the order of x, so that it has the
// same bits for any number of threads; x has none.
//
// Options: [PaddingIndex], [WeightInit] (the default is PyTorch's, the standard normal
// distribution), [Parametrize], [SharedWeight].
func Embedding(s *graph.Scope, x *graph.Node, words, dim int, opts ...EmbeddingOption) *graph.Node {
	s = s.Layer("Embedding", x)
	c := embeddingConfig{affine: affine{weight: graph.Normal(0, 1)}}
	for _, opt := range guard.Given(opts) {
		opt.embedding(&c)
	}
	switch {
	case words < 1 || dim < 1:
		return s.Errorf("words and dim are %d and %d, want at least 1", words, dim)
	case s.Dtype() == tensor.Float32 && words > 1<<24:
		return s.Errorf("words is %d, want at most 2²⁴, up to which float32 has all whole numbers; or a model in float64", words)
	case c.padded && (c.padding < 0 || c.padding >= words):
		return s.Errorf("PaddingIndex is %d, want one of the %d words", c.padding, words)
	}
	wantNumbers(s, "x", x)
	skip := noWord
	if c.padded {
		skip = c.padding
		if c.weight != nil {
			c.weight = zeroRow(c.weight, c.padding)
		}
	}
	w := parametrized(s, "Parametrize", "weight", c.weightOf(s, graph.Shape{words, dim}), c.parametrize)
	return s.Describe("words=%d", words).Apply(embedding{skip}, w, x)
}

// An EmbeddingOption adjusts one [Embedding].
type EmbeddingOption interface{ embedding(*embeddingConfig) }

type embeddingConfig struct {
	affine
	padded  bool
	padding int
}

// noWord is the padding index of an op that has none.
const noWord = -1

// PaddingIndex names the word that stands for no word. Its row starts as 0 and gets
// no gradient: PyTorch's padding_idx, but for negative ones, which are an error. The
// row of a [SharedWeight] keeps the values it has, and gets the gradient of the layers
// that share it, as in PyTorch.
func PaddingIndex(word int) EmbeddingOption { return paddingIndex(word) }

type paddingIndex int

func (p paddingIndex) embedding(c *embeddingConfig) { c.padded, c.padding = true, int(p) }

func (w weightInit) embedding(c *embeddingConfig)   { c.weight = w.init }
func (p parametrize) embedding(c *embeddingConfig)  { p.linear(&c.affine) }
func (o sharedWeight) embedding(c *embeddingConfig) { o.linear(&c.affine) }

// zeroRow is init with a row of zeros.
func zeroRow(init graph.Init, row int) graph.Init {
	return func(r *rand.Rand, shape graph.Shape, w []float64) error {
		if err := init(r, shape, w); err != nil {
			return err
		}
		clear(w[row*shape[1]:][:shape[1]])
		return nil
	}
}
