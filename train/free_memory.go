package train

import (
	"io/fs"
	"strconv"
	"strings"
)

// memoryGroups are where Linux says what a group of processes, such as a container,
// may take at most, what it takes, and what part of that is copies of files, under
// cgroups of version 2 and of version 1.
var memoryGroups = [][4]string{
	{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current", "sys/fs/cgroup/memory.stat", "inactive_file"},
	{"sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes", "sys/fs/cgroup/memory/memory.stat", "total_inactive_file"},
}

// freeMemory returns how many bytes programs can still get, false where that is not
// known: root, that of the file system, has what Linux says.
func freeMemory(root fs.FS) (bytes int64, known bool) {
	kib, known := figure(root, "proc/meminfo", "MemAvailable:")
	bytes = kib << 10
	for _, g := range memoryGroups {
		limit, limited := figure(root, g[0], "")
		used, counted := figure(root, g[1], "")
		files, _ := figure(root, g[2], g[3])
		if limited && counted {
			bytes = min(bytes, max(0, limit-used+files))
		}
	}
	return bytes, known
}

// figure returns the number that follows a name at the beginning of a line.
func figure(root fs.FS, path, name string) (int64, bool) {
	b, err := fs.ReadFile(root, path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if name != "" {
			if len(fields) == 0 || fields[0] != name {
				continue
			}
			fields = fields[1:]
		}
		if len(fields) == 0 {
			return 0, false
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		return n, err == nil
	}
	return 0, false
}
