package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

func inspectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "Print what is in a file of weights or of a model",
		Long: `Print what is in a file: the names, shapes and types of its tensors, how many
elements and bytes they have, and its metadata; of an ONNX file also the opset, the
inputs and outputs, and how often each operator occurs. The file is one of safetensors,
as weights, checkpoints and frozen models are, NPZ, NPY, ONNX, or of PyTorch's
torch.save. What it is its bytes say, and not its name. It is read whole, and checked.`,
		Example: `  thinnet inspect run/best.safetensors
  thinnet inspect --stats weights.npz
  thinnet inspect --json model.onnx`,
		Args: exactly(1, true, "the path of a file at least"),
	}
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	stats := cmd.Flags().Bool("stats", false, "print mean, standard deviation, least and greatest of each tensor")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for i, path := range args {
			c, err := inspect(path, *stats)
			if err != nil {
				return errors.WithMessage(err, path)
			}
			c.File = path
			if *asJSON {
				err = printJSON(cmd.OutOrStdout(), c)
			} else {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				err = c.print(cmd.OutOrStdout())
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// A content is what is in a file.
type content struct {
	File     string            `json:"file"`
	Format   string            `json:"format"`
	Bytes    int64             `json:"bytes"`
	Elements int               `json:"elements"` // of all tensors
	Tensors  []tensorInfo      `json:"tensors"`
	Metadata map[string]string `json:"metadata,omitempty"`
	ONNX     *onnxInfo         `json:"onnx,omitempty"`
}

type tensorInfo struct {
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Shape    []int       `json:"shape"`
	Elements int         `json:"elements"`
	Bytes    int64       `json:"bytes"`
	Stats    *statistics `json:"stats,omitempty"`
}

func (c *content) add(t tensorInfo) {
	c.Tensors = append(c.Tensors, t)
	c.Elements += t.Elements
}

// print writes a table.
func (c *content) print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s, %s\n", c.File, c.Format, bytesOf(c.Bytes))
	if c.ONNX != nil {
		c.ONNX.print(w)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Metadata)) {
		fmt.Fprintf(w, "metadata %s: %s\n", oneLine(key), oneLine(c.Metadata[key]))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "name\ttype\tshape\telements\tbytes"
	stats := len(c.Tensors) > 0 && c.Tensors[0].Stats != nil
	if stats {
		head += "\tmean\tstd\tmin\tmax\tnot finite"
	}
	fmt.Fprintln(t, head)
	for _, x := range c.Tensors {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s", oneLine(x.Name), x.Type, shapeText(x.Shape), grouped(x.Elements), bytesOf(x.Bytes))
		if s := x.Stats; s != nil {
			fmt.Fprintf(t, "\t%.4g\t%.4g\t%.4g\t%.4g\t%d", s.Mean, s.Std, s.Min, s.Max, s.NotFinite)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d tensors, %s elements\n", len(c.Tensors), grouped(c.Elements))
	return err
}

func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
}

// oneLine makes text of strangers fit for a terminal.
func oneLine(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}
