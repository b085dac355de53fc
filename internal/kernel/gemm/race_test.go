//go:build race

package gemm_test

func init() { raceDetector = true }
