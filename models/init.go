package models

import (
	"math"
	"math/rand/v2"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// fanOutNormal draws the weight of a convolution from N(0, 2/fan_out), by which
// gradients keep their size on the way back through convolutions and ReLUs: He et
// al., Delving Deep into Rectifiers, https://arxiv.org/abs/1502.01852.
func fanOutNormal() nodes.WeightOption {
	return nodes.WeightInit(func(r *rand.Rand, shape graph.Shape, w []float64) error {
		fanOut := shape[0] * shape[2:].TotalSize()
		return graph.Normal(0, math.Sqrt(2/float64(fanOut)))(r, shape, w)
	})
}

func zeroBias() nodes.WeightOption { return nodes.BiasInit(graph.Zeros()) }
