//go:build race

package channels

func init() { raceDetector = true }
