package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/onnx"
)

// forms are what export writes, by the ending of a file.
var forms = map[string]string{".onnx": "onnx", ".safetensors": "safetensors", ".npz": "npz", ".thinnet": "frozen"}

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export RUN FILE",
		Short: "Write a trained model for other programs",
		Long: `Write a trained model to a file, whole or not at all:

  onnx         the model with its weights, for ONNX Runtime and others
  safetensors  the weights, in PyTorch's names
  npz          the same for NumPy
  frozen       the model ready to predict, for deploy.Open

Without --to the ending of the file says which: .onnx, .safetensors, .npz, .thinnet.`,
		Example: `  thinnet export run digits.onnx --fold
  thinnet export run digits.thinnet --batches 1,32
  thinnet export run weights.npz --weights last`,
		Args: exactly(2, false, "the folder of a training and the path of a file"),
	}
	weights := weightsFlag(cmd)
	to := cmd.Flags().String("to", "", "`form`: onnx, safetensors, npz or frozen")
	complete(cmd, "to", "onnx", "safetensors", "npz", "frozen")
	fold := cmd.Flags().Bool("fold", false, "onnx: make batch norms part of the layers before them")
	training := cmd.Flags().Bool("training", false, "onnx: what a training step computes, dropout included")
	batches := cmd.Flags().IntSlice("batches", nil, "frozen: batch `sizes` to pack weights for; by default 1 and that of the training")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, path := *to, args[1]
		if form == "" {
			form = forms[strings.ToLower(filepath.Ext(path))]
		}
		write := map[string]func(*graph.Model) error{
			"safetensors": func(m *graph.Model) error { return export.SaveSafetensors(m, path) },
			"npz":         func(m *graph.Model) error { return export.SaveNPZ(m, path) },
			"onnx": func(m *graph.Model) error {
				var opts []onnx.Option
				if *fold {
					opts = append(opts, onnx.FoldBatchNorm())
				}
				if *training {
					opts = append(opts, onnx.Training())
				}
				return onnx.Export(m, path, opts...)
			},
			"frozen": func(m *graph.Model) error {
				if len(*batches) == 0 {
					return deploy.Freeze(m, path)
				}
				return deploy.Freeze(m, path, deploy.Batches(*batches...))
			},
		}[form]
		switch {
		case write == nil && *to == "":
			return usagef("%s ends in none of .onnx, .safetensors, .npz and .thinnet, want one of them, or --to with onnx, safetensors, npz or frozen", path)
		case write == nil:
			return usagef("--to is %q, want onnx, safetensors, npz or frozen", *to)
		case *fold && *training:
			return usagef("--fold and --training are both given, want one: what trains has its batch norms")
		case form != "onnx" && (*fold || *training):
			return usagef("--fold and --training are for onnx, and this is %s", form)
		case form != "frozen" && len(*batches) > 0:
			return usagef("--batches is for frozen, and this is %s", form)
		}
		s, r, err := resolve(args[0], nil)
		if err != nil {
			return err
		}
		a, err := r.readAbout()
		if err != nil {
			return err
		}
		m, err := s.trained(r, a, *weights)
		if err != nil {
			return err
		}
		if err := write(m); err != nil {
			return err
		}
		note(cmd, "wrote %s", path)
		return nil
	}
	return cmd
}
