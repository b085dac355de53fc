package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// SeriesCNN is a convolutional network for series (N, C, L), of six blocks:
//
//	layer              node                                output (N, ...)  parameters
//	block1.conv, .bn   Conv1D 3, pad 1, BatchNorm1D, ReLU  64, 1024              1,664
//	                   MaxPool1D 2                         64, 512
//	block2 to block6   as block1                           64, 16               62,080
//	                   GlobalAvgPool                       64
//	fc                 Linear                              10                      650
//
// The numbers are for series of 1024 values in 8 channels and 10 classes: 64,394
// parameters. A block halves the length, rounded down, so n blocks want series of 2ⁿ
// values or more.
//
// Options: [Channels]; [SpatialDropout], [MapDropWith] at the end of each block, before
// its pooling, by default none.
func SeriesCNN(classes int, opts ...SeriesCNNOption) graph.Func {
	c := configure(config{classes: classes, channels: []int{64, 64, 64, 64, 64, 64}, maps: spatialDropout(0)}, opts)
	return c.seriesCNN
}

// A SeriesCNNOption adjusts one [SeriesCNN].
type SeriesCNNOption interface {
	option
	seriesCNN()
}

func (c *config) seriesCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkSeriesCNN(s.Layer("SeriesCNN", x), x)
	for i, channels := range c.channels {
		block := s.In(fmt.Sprintf("block%d", i+1))
		x = nodes.Conv1D(block.In("conv"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
		x = nodes.ReLU(nodes.BatchNorm1D(block.In("bn"), x))
		x = nodes.MaxPool1D(c.maps(block.In("drop"), x), 2)
	}
	return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), c.classes)
}

func (c *config) checkSeriesCNN(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	c.checkChannels(s, 0)
	if least := 1 << len(c.channels); x.Dims() == 3 && x.Dim(2) < least {
		s.Errorf("the series have shape %v, want %d values or more for %d blocks to halve; choose fewer Channels", x.Shape(), least, len(c.channels))
	}
}
