package train

import (
	"os"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestFreeMemory(t *testing.T) {
	const meminfo = "MemTotal:       2000 kB\nMemFree:         100 kB\nMemAvailable:   1000 kB\n"
	const v2, v1 = "sys/fs/cgroup/", "sys/fs/cgroup/memory/"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
		known bool
	}{
		"elsewhere": {map[string]string{}, 0, false},
		"machine":   {map[string]string{"proc/meminfo": meminfo}, 1000 << 10, true},
		"container": {map[string]string{"proc/meminfo": meminfo, v2 + "memory.max": "5000\n", v2 + "memory.current": "3000\n",
			v2 + "memory.stat": "anon 2900\ninactive_file 70\n"}, 2070, true},
		"no limit":  {map[string]string{"proc/meminfo": meminfo, v2 + "memory.max": "max\n", v2 + "memory.current": "3000\n"}, 1000 << 10, true},
		"over":      {map[string]string{"proc/meminfo": meminfo, v2 + "memory.max": "5000\n", v2 + "memory.current": "6000\n"}, 0, true},
		"version 1": {map[string]string{"proc/meminfo": meminfo, v1 + "memory.limit_in_bytes": "4000\n", v1 + "memory.usage_in_bytes": "1000\n"}, 3000, true},
		"version 1, no limit": {map[string]string{"proc/meminfo": meminfo, v1 + "memory.limit_in_bytes": "9223372036854771712\n",
			v1 + "memory.usage_in_bytes": "1000\n", v1 + "memory.stat": "total_inactive_file 500\n"}, 1000 << 10, true},
		"old":     {map[string]string{"proc/meminfo": "MemTotal: 5 kB\n"}, 0, false},
		"cut off": {map[string]string{"proc/meminfo": "MemAvailable:"}, 0, false},
	} {
		root := fstest.MapFS{}
		for path, content := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(content)}
		}
		if got, known := freeMemory(root); known != c.known || known && got != c.want {
			t.Errorf("%s: got %d, %v, want %d, %v", name, got, known, c.want, c.known)
		}
	}
	if got, known := freeMemory(os.DirFS("/")); runtime.GOOS == "linux" && (!known || got < 1<<20) {
		t.Errorf("this machine has %d bytes left, known: %v", got, known)
	}
}
