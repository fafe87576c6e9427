/** The text a reward model wants, by family. Sources: the model cards of each. */

const SYSTEM = 'Please reason step by step, and put your final answer within \\boxed{}.';

/** Where Qwen2.5-Math-PRM gives its score: one token behind every step. */
export const STEP_TAG = '<extra_0>';

/** math-shepherd-mistral-7b-prm: its score stands at "ки" behind each step, and it is served with
 * `returned_token_ids` of + and −, in this order. Others answer wrong and right. */
export function isShepherd(model: string): boolean {
  return /shepherd/i.test(model);
}

/** For a process reward model: a tag after each step. */
export function taggedSteps(model: string, problem: string, steps: readonly string[]): string {
  const clean = steps.map(inert);
  if (isShepherd(model)) {
    const lines = clean.map((step, i) => `Step ${i + 1}: ${step} ки`);
    return `${inert(problem)} ${lines.join('\n')}`;
  }
  return chatMl(problem, clean.map((step) => step + STEP_TAG).join(''));
}

/** For a reward model of whole solutions whose server cannot apply the chat template. Without the
 * token that begins a text, which servers add. */
export function wholeSolution(model: string, problem: string, steps: readonly string[]): string {
  const solution = steps.map(inert).join('\n\n');
  if (/qwen/i.test(model)) return chatMl(problem, solution);
  if (/llama-?3/i.test(model)) {
    const turn = (role: string, text: string): string =>
      `<|start_header_id|>${role}<|end_header_id|>\n\n${text}<|eot_id|>`;
    return turn('user', inert(problem)) + turn('assistant', solution);
  }
  return `${inert(problem)}\n\n${solution}`;
}

function chatMl(problem: string, solution: string): string {
  const turn = (role: string, text: string): string => `<|im_start|>${role}\n${text}<|im_end|>\n`;
  const asked = turn('system', SYSTEM) + turn('user', inert(problem));
  return `${asked}<|im_start|>assistant\n${solution}<|im_end|><|endoftext|>`;
}

/** What a policy wrote must neither close its turn nor add a score of its own. */
function inert(text: string): string {
  return text.replaceAll('<|', '< |').replaceAll(STEP_TAG, '').replaceAll('ки', 'к и');
}
