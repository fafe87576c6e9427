#!/bin/sh
# On a machine with a GPU that may have nothing else: no Node, no browser, no network. Unpacks what
# `npm run gpu-machine:pack` put into .gpu-machine, runs the GPU tests and the bench with Dawn in Node,
# and leaves gpu-tests.txt, bench.txt and webgpu-<adapter>.json in the folder given (default $OUT, else
# ./gpu-results). Takes about three minutes; each half has a time limit of its own.
set -u
cd "$(dirname "$0")/.."
out=${1:-${OUT:-gpu-results}}
mkdir -p "$out"
pack=.gpu-machine
test -d "$pack" || { echo "no $pack here: run 'npm run gpu-machine:pack' first"; exit 2; }
work=$(mktemp -d)
for name in node dawn.node; do
  gzip -dc "$pack/$name.gz" >"$work/$name" && chmod +x "$work/$name"
done
# The Vulkan loader, where the machine has none; the driver is the machine's own.
if ! ldconfig -p 2>/dev/null | grep -q libvulkan.so.1; then
  for deb in "$pack"/*.deb; do
    test -f "$deb" && dpkg -x "$deb" "$work/loader"
  done
  export LD_LIBRARY_PATH="$work/loader/usr/lib/x86_64-linux-gnu:${LD_LIBRARY_PATH:-}"
fi
for icd in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json; do
  if [ -z "${VK_DRIVER_FILES:-}" ] && [ -f "$icd" ]; then export VK_DRIVER_FILES=$icd; fi
done
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null
run() { DAWN_NODE="$work/dawn.node" timeout "$1" "$work/node" "$pack/run.mjs" "$2" "$out"; }
run "${BENCH_SECONDS:-120}" bench 2>&1 | tee "$out/bench.txt"
run "${TEST_SECONDS:-170}" tests 2>&1 | tee "$out/gpu-tests.txt" | grep -v '^✓'
rm -rf "$work"
tail -n 1 "$out/gpu-tests.txt" | grep -q ' passed, 0 failed$'
