/** The commands and what happens when they fail. */
import { toAppError } from '../shared/errors.ts';
import { badInput } from './args.ts';
import { chains } from './chains.ts';
import { curves } from './curves.ts';
import { evaluate } from './evaluate.ts';
import { printError, printText, statusOf } from './output.ts';
import { solve } from './solve.ts';
import { generate, logits, score } from './texts.ts';

type Command = (args: readonly string[], signal: AbortSignal) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  solve,
  eval: evaluate,
  logits,
  score,
  generate,
  chains,
  curves,
};

const USAGE = `Usage: npm run -s cli -- COMMAND [options]

  solve     --problem TEXT [--strategy beam] [--budget 16] [--seed 1] [--temperature 1]
            [--width 4] [--select weighted|best|majority] [--events FILE] [--json]
  eval      --problems FILE.jsonl --strategies SPEC,SPEC,… --budgets 1,4,16,64
            --seeds 4 --out FILE.json [--seed 1] [--limit N] [--workers 2] [--separate]
            [--compact] [--csv FILE.csv]
            A SPEC is a strategy with parameters: best-of-n:majority, beam:width=4,
            beam:width=0 (sqrt N), lookahead:lookahead=3, dvts, revise:chainLength=8, auto.
            Smaller budgets of best-of-n, dvts and revise are read out of the largest run,
            with --separate they are run by themselves. Run again, it goes on.
            auto reads its choices from --table FILE.json (default: the shipped table), those
            that were made without the half of the problems that a problem belongs to.
  chains    --problems FILE.jsonl [--chains 4] [--length 16] [--limit N] [--out FILE.json] [--attempts FILE.jsonl]
  curves    --results FILE.json FILE.json … [--difficulty SAMPLES.json …] [--larger FILE.json]
            [--out FILE.json] [--table FILE.json] [--difficulty-out FILE.json]
            [--separate FILE.json …] [--label TEXT] [--against FILE.json …]
            All files are outputs of eval. Several --results are read as one, measured in
            parts by strategy or seed. Difficulty is best read from samples of their
            own: eval --strategies best-of-n --budgets 4,64 --seed 1001. --larger: greedy
            answers of eval --policy policy-large. --against compares two sweeps,
            --separate runs of their own (eval --separate --seed 2001) with those read out.
            --table writes what auto chooses by, for new problems and for each half of
            the measured ones without that half.
  logits    --model policy --text TEXT
  score     --model prm --text TEXT   (the model's values, without the policy's confidence)
  generate  --model policy --text TEXT [--samples 4] [--seed 1] [--temperature 1] [--json]
            or --problems FILE.jsonl --out FILE.jsonl for many problems (resumes)

Models: --engine cpu (default) or webgpu with --models FOLDER --policy NAME --verifier NAME|likelihood|none,
or --engine openai --base-url URL --policy-model NAME [--verifier-model NAME]
   [--verifier-base-url URL] [--concurrency 16] [--price-in N --price-out N]; the key is read from
   OVERTHINK_API_KEY, that of the verifier's server from OVERTHINK_VERIFIER_API_KEY where it has
   another. One worker keeps a server busy up to --concurrency requests.`;

/** Runs a command and resolves to the exit status. Never throws. */
export async function runCommand(
  [name, ...args]: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  try {
    if (name === undefined || name === 'help' || name === '--help') {
      printText(USAGE);
      return 0;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
      const known = Object.keys(COMMANDS).join(', ');
      throw badInput(`There is no command "${name}".`, `Commands: ${known}.`);
    }
    await command(args, signal);
    return 0;
  } catch (thrown) {
    const error = toAppError(thrown);
    // These commands print JSON anyway, errors included.
    const json = args.includes('--json') || name === 'logits' || name === 'score';
    printError(error, json);
    return statusOf(error);
  }
}
