/** The command line: `npm run -s cli -- COMMAND …` (product.md). */
import { runCommand } from './commands.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.exitCode = await runCommand(process.argv.slice(2), stop.signal);
