//go:build race

package convlast

func init() { raceDetector = true }
