//go:build race

package nodes

func init() { raceDetector = true }
