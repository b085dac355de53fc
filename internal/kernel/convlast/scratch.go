package convlast

import "github.com/thinnet/thinnet/internal/kernel/scratch"

// Working memory: of a whole pass, and of each worker.
var passes, jobs scratch.List
