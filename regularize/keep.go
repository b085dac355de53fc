package regularize

// Keep turns the probability to keep, which some papers and tools print as their
// rate, into the probability to drop: 1-q.
//
//	regularize.Dropout(s.In("drop"), x, regularize.Keep(0.8)) // p = 0.2
func Keep(q float64) float64 { return 1 - q }
