//go:build race

package winograd

func init() { raceDetector = true }
