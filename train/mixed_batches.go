package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
)

// MixedBatches gives each part of a data set made by [Concat] its share of every batch,
// whatever its size: with the shares 3 and 1, a batch of 32 has 24 samples of the first
// part and 8 of the second. Shares are in proportion to their sum, finite and not
// negative. Where they make no whole number, batches take turns in having one more.
//
//	data, err := train.Concat(real, drawn)
//	...
//	train.Fit(ctx, m, data, loss, optimiser, train.Loading(train.MixedBatches([]float64{3, 1})))
//
// Each part is shuffled and gone through again and again, on its own and across
// epochs: no sample comes once more before all of its part have come. An epoch has as
// many samples as the data set, or [Draws]. What comes when is a function of the seed
// of [Shuffle] and the epoch alone.
//
// The data set may also be a [Map] of one made by Concat.
func MixedBatches(shares []float64, opts ...MixedBatchesOption) LoaderOption {
	m := &mixedBatches{shares: slices.Clone(shares)}
	for _, opt := range guard.Given(opts) {
		opt.mixed(m)
	}
	return samplingOption{"MixedBatches", m.of}.apply
}

// A MixedBatchesOption adjusts one [MixedBatches].
type MixedBatchesOption interface{ mixed(*mixedBatches) }

type mixedBatches struct {
	shares []float64
	draws  *int
}

// parted is implemented by data sets of several parts, and by what wraps one.
type parted interface {
	// bounds returns where each part starts, and the number of all samples; nil if
	// there are no parts.
	bounds() []int
}

func boundsOf(ds Dataset) []int {
	if p, ok := ds.(parted); ok {
		return p.bounds()
	}
	return nil
}

// of makes the sampling of a loader.
func (m *mixedBatches) of(l *Loader) (*sampling, error) {
	bounds := boundsOf(l.ds)
	if bounds == nil {
		return nil, errors.New("the data set has no parts, want one made by Concat")
	}
	shares, err := m.normal(len(bounds) - 1)
	if err != nil {
		return nil, err
	}
	n, err := drawsOr(m.draws, l.n)
	if err != nil {
		return nil, err
	}
	if l.dropLast && n > l.batch {
		n -= n % l.batch // what is dropped does not count as having come
	}
	mix := &mixture{bounds: bounds, parts: turns(shares, n), each: make([]int, len(shares)), batch: l.batch}
	for _, p := range mix.parts {
		mix.each[p]++
	}
	return &sampling{n: n, repeats: true, order: mix.order}, nil
}

// normal returns the shares of parts with a sum of 1.
func (m *mixedBatches) normal(parts int) ([]float64, error) {
	if len(m.shares) != parts {
		return nil, errors.Errorf("there are %d shares, want one for each of %d parts", len(m.shares), parts)
	}
	sum := 0.0
	for i, v := range m.shares {
		if !(v >= 0) || math.IsInf(v, 1) { // this way round, NaN fails too
			return nil, errors.Errorf("share %d is %v, want a finite number of at least 0", i, v)
		}
		sum += v
	}
	if sum == 0 || math.IsInf(sum, 1) {
		return nil, errors.Errorf("the sum of the shares is %v, want a finite number above 0", sum)
	}
	shares := slices.Clone(m.shares)
	for i := range shares {
		shares[i] /= sum
	}
	return shares, nil
}

// turns says for each of n places which part is to fill it: the one that lacks most of
// its share. So none is ever ahead of its share by a whole sample, and where the
// shares of some places are whole numbers, none is behind.
func turns(shares []float64, n int) []int {
	parts, filled := make([]int, n), make([]float64, len(shares))
	for place := range parts {
		best, most := 0, math.Inf(-1)
		for p, share := range shares {
			// The conversion keeps processors from fusing the two operations.
			if lacks := float64(share*float64(place+1)) - filled[p]; lacks > most && share > 0 {
				best, most = p, lacks
			}
		}
		parts[place] = best
		filled[best]++
	}
	return parts
}

// mixture is what an epoch has of each part.
type mixture struct {
	bounds []int
	parts  []int // of each place in an epoch
	each   []int // places of each part
	batch  int
}

func (m *mixture) order(seed uint64, epoch int) []int {
	order := make([]int, len(m.parts))
	rounds := make([]round, len(m.each))
	for p := range rounds {
		rounds[p] = round{
			size: m.bounds[p+1] - m.bounds[p], next: uint64(epoch) * uint64(m.each[p]),
			key: philox.KeyOf(seed, fmt.Sprintf("mixed/%d", p)),
		}
	}
	for place, p := range m.parts {
		order[place] = m.bounds[p] + rounds[p].draw()
	}
	// A part has no place of its own in a batch: virtual batches see a mixture too.
	r := rand.New(philox.NewSource(philox.KeyOf(seed, "mixed"), uint64(epoch)))
	for batch := range slices.Chunk(order, m.batch) {
		r.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	}
	return order
}

// round goes through the samples of a part in one order after another.
type round struct {
	size  int
	next  uint64 // draws before, in all epochs
	key   philox.Key
	order []int // of the round at hand
}

func (r *round) draw() int {
	at := int(r.next % uint64(r.size))
	if r.order == nil || at == 0 {
		r.order = rand.New(philox.NewSource(r.key, r.next/uint64(r.size))).Perm(r.size)
	}
	r.next++
	return r.order[at]
}
