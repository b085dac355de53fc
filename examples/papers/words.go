package main

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// vocabulary numbers words.
type vocabulary map[string]int

// unknown stands for every word that is not in a vocabulary.
const unknown = "<unk>"

// readWords returns the words of a text, with <eos> at the end of each line.
func readWords(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return strings.Fields(strings.ReplaceAll(string(text), "\n", " <eos> ")), nil
}

// vocabularyOf numbers the words that occur at least so often, those that occur
// most first.
func vocabularyOf(words []string, often int) vocabulary {
	counts := map[string]int{unknown: often}
	for _, w := range words {
		counts[w]++
	}
	var known []string
	for w, n := range counts {
		if n >= often {
			known = append(known, w)
		}
	}
	slices.SortFunc(known, func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	v := vocabulary{}
	for i, w := range known {
		v[w] = i
	}
	return v
}

// sequences cuts words into pieces of so many steps: x is a piece, (n, steps), and
// the target the words that follow each of its words, of the same shape. What is
// left at the end is left out.
func (v vocabulary) sequences(words []string, steps int) (train.Dataset, error) {
	n := (len(words) - 1) / steps
	x, next := make([]float32, n*steps), make([]int, n*steps)
	for i := range x {
		x[i], next[i] = float32(v.number(words[i])), v.number(words[i+1])
	}
	return train.Tensors(tensor.New(tensor.WithShape(n, steps), tensor.WithBacking(x)),
		tensor.New(tensor.WithShape(n, steps), tensor.WithBacking(next)))
}

func (v vocabulary) number(word string) int {
	if i, ok := v[word]; ok {
		return i
	}
	return v[unknown]
}
