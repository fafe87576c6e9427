"""`python -m training all`: the recipe of the shipped models (recipe.txt) from the first command to the last.

Commands that ended are remembered in RUNS/done.txt by their text and skipped; trainings and samples go on where they were
stopped, other commands begin anew. Runs and corpora go by their names: who changes a line gives what it makes, and what is
made of that, other names, or removes them.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

RECIPE = Path(__file__).with_name("recipe.txt")
AMOUNTS = {"--tokens", "--decay-tokens", "--corpus-tokens", "--synthetic-tokens", "--chain-tokens", "--first-tokens", "--count"}
LEAST = {"--count": 24}  # problems; of tokens a few batches
LEAST_TOKENS = 60_000


def read_recipe(text: str) -> list[list[str]]:
    """The commands, a list of words each."""
    return [shlex.split(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def scaled(words: list[str], share: float) -> list[str]:
    """The same command with `share` of its tokens and problems: a rehearsal of the whole recipe in minutes."""
    out = list(words)
    for i, (option, amount) in enumerate(zip(words, words[1:])):
        if option in AMOUNTS and share != 1 and float(amount) > 0:
            out[i + 1] = str(LEAST.get(option, LEAST_TOKENS) + int(float(amount) * share))
    return out


def placed(words: list[str], places: dict[str, Path]) -> list[str]:
    """DATA/…, RUNS/… and MODELS as paths."""
    names = re.compile(rf"^({'|'.join(places)})(?=/|$)")
    return [names.sub(lambda found: str(places[found[1]]), word) for word in words]


def argv(words: list[str], python: list[str], npm: list[str]) -> list[str]:
    tools = {"training": python, "cli": npm}
    if words[0] not in tools:
        raise ValueError(f"recipe.txt: a line begins with training or cli, not with {words[0]!r}")
    return [*tools[words[0]], *words[1:]]


def run_all(places: dict[str, Path], share: float, more: list[str], root: Path, call: Callable = subprocess.run) -> None:
    """Runs what is not done; ends with the first command that fails (subprocess.CalledProcessError). `more` goes before
    the words of each training command, such as `--device cuda`."""
    done_file = places["RUNS"] / "done.txt"
    done_file.parent.mkdir(parents=True, exist_ok=True)
    done = set(done_file.read_text().splitlines()) if done_file.exists() else set()
    commands = [scaled(words, share) for words in read_recipe(RECIPE.read_text())]
    python, npm = [sys.executable, "-m", "training", *more], ["npm", "run", "-s", "cli", "--"]
    for number, words in enumerate(commands, 1):
        line = shlex.join(words)
        if line in done:
            continue
        print(f"{number} of {len(commands)}: {line}", flush=True)
        call(argv(placed(words, places), python, npm), check=True, cwd=root)
        with open(done_file, "a") as file:
            file.write(line + "\n")
