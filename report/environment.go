package report

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// environment is what a number of the report may depend on.
func environment(m *graph.Model) []pair {
	return []pair{
		{"program", program()},
		{"Go", runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH},
		{"processor", processor()},
		{"threads", strconv.Itoa(graph.Threads())},
		{"kernels", cpu.Get().String()},
		{"numbers", fmt.Sprint(m.Dtype())},
		{"seed", strconv.FormatUint(m.Seed(), 10)},
		{"training steps", strconv.FormatUint(m.Step(), 10)},
	}
}

// program is the main module, and the version of Thinnet in it.
func program() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	const ours = "github.com/thinnet/thinnet"
	out := strings.TrimSpace(info.Main.Path + " " + info.Main.Version)
	if out == "" {
		out = info.Path
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			out += ", revision " + s.Value
		}
	}
	for _, d := range info.Deps {
		if d.Path == ours {
			out += ", with " + ours + " " + d.Version
		}
	}
	return out
}

// processor is its name, where the system tells it in a file.
func processor() string {
	cores := strconv.Itoa(runtime.NumCPU()) + " cores"
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return cores
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value) + ", " + cores
		}
	}
	return cores
}
