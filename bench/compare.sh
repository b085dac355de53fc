#!/usr/bin/env bash
# Times a training step here and in PyTorch, in turn, and prints the medians and
# the median of the ratios pair by pair: bench/compare.sh [PAIRS]
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-5}
python=${THINNET_PYTHON:-python3}
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
go test -c -o "$binary" .

printf '%-12s %10s %10s %8s\n' net 'here, ms' 'torch, ms' 'torch/here'
for net in mlp lenet5 classic_cnn; do
	for _ in $(seq "$pairs"); do
		here=$("$binary" -test.run '^$' -test.bench "^BenchmarkStep/$net\$" -test.benchtime 2s |
			awk '/ns\/op/ { print $3 / 1e6 }')
		torch=$("$python" bench/torch_step.py "$net")
		echo "$here $torch"
	done | awk -v net="$net" '
		function median(a, n,   i, j, t) {
			for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
			return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
		}
		{ h[NR] = $1; p[NR] = $2; r[NR] = $2 / $1 }
		END { printf "%-12s %10.1f %10.1f %8.2f\n", net, median(h, NR), median(p, NR), median(r, NR) }'
done
