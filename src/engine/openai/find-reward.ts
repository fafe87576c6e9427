/** Finds out how a model is served as a reward model, by asking it about two short solutions. */
import { AppError } from '../../shared/errors.ts';
import type { OpenAiClient } from './client.ts';
import { isAbsent, isBusy } from './faults.ts';
import {
  areLogits,
  REWARD_FORMS,
  rewardBody,
  rewardReply,
  rewardRows,
  scoresSteps,
  type RewardForm,
  type RewardRow,
} from './reward-forms.ts';
import type { RewardModel } from './reward-verifier.ts';

const PROBLEM = 'What is 1 + 1 + 1?';
/** A right and a wrong solution: logits of both seldom look like probabilities. */
const SOLUTIONS = [
  ['1 + 1 = 2.', '2 + 1 = 3.', 'The final answer is $\\boxed{3}$.'],
  ['1 + 1 = 7.', '7 + 1 = 9.', 'The final answer is $\\boxed{9}$.'],
] as const;

/** How the server answered: not in this form, with something that is no reward, or with rewards. */
type Tried = 'refused' | 'absent' | 'no reward' | readonly RewardRow[];

/** null where it is no reward model. Throws AppError `bad-input` where it is some other pooling model
 * (embeddings, many classes), and what asking throws; an overloaded server is not taken for one
 * without rewards. */
export async function findRewardModel(
  client: OpenAiClient,
  model: string,
  signal?: AbortSignal,
): Promise<RewardModel | null> {
  const absent = new Set<string>();
  let answers = false;
  for (const form of formsFor(model)) {
    // An embedding model answers `/score` too, with how alike problem and solution are.
    if (absent.has(form.endpoint) || (answers && form.endpoint === '/score')) continue;
    const tried = await tryForm(client, model, form, signal);
    if (tried === 'absent') absent.add(form.endpoint);
    else if (tried === 'no reward') answers = true;
    else if (tried !== 'refused') return { client, model, form, logits: areLogits(tried) };
  }
  if (answers) {
    throw new AppError('bad-input', `${model} gives embeddings or many classes, not rewards.`, {
      advice: 'Choose a reward model, or a language model, which then judges.',
    });
  }
  return null;
}

/** A cross-encoder was trained on pairs. */
function formsFor(model: string): readonly RewardForm[] {
  if (!/rerank|cross-?encoder/i.test(model)) return REWARD_FORMS;
  return REWARD_FORMS.toSorted((a, b) => Number(b.input === 'pair') - Number(a.input === 'pair'));
}

async function tryForm(
  client: OpenAiClient,
  model: string,
  form: RewardForm,
  signal: AbortSignal | undefined,
): Promise<Tried> {
  const rows: RewardRow[] = [];
  for (const steps of SOLUTIONS) {
    const body = rewardBody(form, model, PROBLEM, steps);
    try {
      const reply = await client.json(form.endpoint, body, rewardReply, signal);
      const read = rewardRows(reply, form, model, steps.length);
      // A model that scores tokens or texts answers to tagged steps with other rows than steps.
      if (read === null) return scoresSteps(form) ? 'refused' : 'no reward';
      rows.push(...read);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'server' || isBusy(thrown)) throw thrown;
      return isAbsent(thrown) ? 'absent' : 'refused';
    }
  }
  return rows;
}
