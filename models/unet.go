package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// UNet takes images (N, C, H, W) to images (N, out, H, W), as a denoiser does: one half
// makes maps smaller and more, the other larger and fewer again, and each size of the
// second half sees the maps that the first had of that size. With spatial dropout:
//
//	layer                node                               output (N, ...)  parameters
//	down1                block of 64                         64, 64, 64          37,696
//	                     MaxPool2D 2                         64, 32, 32
//	down2 to down4       blocks of 128, 256, 512            512, 8, 8         4,648,448
//	                     and a pooling after each           512, 4, 4
//	bottom               block of 1024                     1024, 4, 4        14,159,872
//	up4                  ConvTranspose2D 2, stride 2        512, 8, 8         2,097,664
//	                     Concat with down4                 1024, 8, 8
//	merge4               block of 512                       512, 8, 8         7,079,936
//	up3, merge3 to       as up4, merge4, of 256, 128, 64     64, 64, 64        3,012,800
//	up1, merge1
//	out                  Conv2D 1×1                          1, 64, 64               65
//
// The numbers are for images of 1 by 64 by 64: 31,036,481 parameters. A block is twice
// Conv2D 3×3, BatchNorm2D, ReLU, and those of the first half and the bottom end with
// SpatialDropout2D 0.1. Each pooling halves height and width, which must come out even.
//
//	models.UNet(1, models.Channels(16, 32, 64))  a denoiser of small images, with nodes.MSE
//
// Options: [Channels] of the sizes, the last being the bottom; [SpatialDropout],
// [MapDropWith].
//
// Source: Ronneberger, Fischer, Brox, U-Net: Convolutional Networks for Biomedical Image
// Segmentation, MICCAI 2015, https://arxiv.org/abs/1505.04597. There convolutions are
// not padded, so that what is copied is cropped, there are no norms, and plain dropout
// is at the end of the first half.
func UNet(out int, opts ...UNetOption) graph.Func {
	c := configure(config{
		classes: out, channels: []int{64, 128, 256, 512, 1024}, maps: spatialDropout(0.1),
	}, opts)
	return c.unet
}

// A UNetOption adjusts one [UNet].
type UNetOption interface {
	option
	unet()
}

func (c *config) unet(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkUNet(s.Layer("UNet", x), x)
	if s.Err() != nil {
		return x
	}
	sizes := len(c.channels) - 1 // without the bottom
	var copies []*graph.Node
	for i, channels := range c.channels[:sizes] {
		down := s.In(fmt.Sprintf("down%d", i+1))
		x = c.maps(down.In("drop"), convBlock(down, x, channels))
		copies = append(copies, x)
		x = nodes.MaxPool2D(x, 2)
	}
	bottom := s.In("bottom")
	x = c.maps(bottom.In("drop"), convBlock(bottom, x, c.channels[sizes]))
	for i := sizes - 1; i >= 0; i-- {
		x = nodes.ConvTranspose2D(s.In(fmt.Sprintf("up%d", i+1)), x, c.channels[i], 2, nodes.Stride(2))
		x = convBlock(s.In(fmt.Sprintf("merge%d", i+1)), nodes.Concat(1, copies[i], x), c.channels[i])
	}
	return nodes.Conv2D(s.In("out"), x, c.classes, 1)
}

// convBlock is two 3×3 convolutions, each with a norm and a ReLU.
func convBlock(s *graph.Scope, x *graph.Node, channels int) *graph.Node {
	x = nodes.ReLU(convNorm(s, "conv1", "bn1", x, channels, 3, nodes.Pad(1)))
	return nodes.ReLU(convNorm(s, "conv2", "bn2", x, channels, 3, nodes.Pad(1)))
}

func (c *config) checkUNet(s *graph.Scope, x *graph.Node) {
	if c.classes < 1 {
		s.Errorf("out is %d, want at least 1", c.classes)
	}
	c.checkChannels(s, 0)
	if x.Dims() != 4 {
		s.Errorf("x has shape %v, want (N, C, H, W)", x.Shape())
	}
	poolings := max(0, len(c.channels)-1)
	if d := 1 << poolings; x.Dim(2)%d != 0 || x.Dim(3)%d != 0 {
		s.Errorf("the images have shape %v, want a height and a width that %d divides, for %d poolings to halve them; pad the images, or choose fewer Channels", x.Shape(), d, poolings)
	}
}
