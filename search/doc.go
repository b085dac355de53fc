// Package search looks for hyperparameters: it tries points of a space, as many at once as
// one likes, keeps what came out in a folder, and goes on where it was cut off.
//
//	space := search.Space{
//		search.LogFloat("lr", 1e-4, 1e-1),
//		search.Int("hidden", 16, 256),
//		search.Choice("optimiser", "adam", "sgd"),
//	}
//	objective := func(ctx context.Context, t *search.Trial) (float64, error) {
//		m, err := graph.Build(models.MLP(10, models.Hidden(t.Int("hidden"))), shape)
//		...
//		h, err := train.Fit(ctx, m, data, loss, train.Adam(t.Float("lr")), train.Epochs(t.Epochs()),
//			train.Validation(validation), train.Checkpoints(t.Folder()))
//		...
//		return h.Last().Validation.Loss, nil
//	}
//	r, err := search.Run(ctx, space, objective, search.Hyperband(27), search.In("study"))
//	best, err := r.Best()
//
// # Algorithms
//
// [Random] draws points, [Grid] goes through all of a grid, and [Hyperband] draws many,
// trains them for a few epochs, and goes on with the best. What a trial gets is a function
// of the seed and its number: it depends neither on how many run at once nor on the
// machine, and a study that was cut off goes on to the trials that it would have had.
//
// There is no Bayesian optimisation: see docs/decisions/0025.
package search
