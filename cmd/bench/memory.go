package main

import (
	"fmt"
	"os"
	"strings"
)

// peakRSS returns the most memory that the process has had resident, in MB, or 0
// where the system does not say it as Linux does.
func peakRSS() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return (kb + 512) / 1024
		}
	}
	return 0
}
