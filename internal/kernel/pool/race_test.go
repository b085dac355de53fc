//go:build race

package pool_test

func init() { raceDetector = true }
