// Package report writes what came out of a training as one HTML file:
//
//	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), optimiser, ...)
//	...
//	err = report.Write(ctx, "report.html", m, history,
//		report.On(test, nodes.CrossEntropy(), nodes.Accuracy()),
//		report.Setting("optimiser", optimiser))
//
// The file needs nothing beside it: pictures, curves and style are inside, there is no
// script, and it loads nothing. It is light or dark as the reader's system is, fits a
// phone, and can be printed.
package report
