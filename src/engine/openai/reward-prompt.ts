/** The text a reward model wants, by family. Sources: the model cards of each. */

const SYSTEM = 'Please reason step by step, and put your final answer within \\boxed{}.';

/** `perStep` asks for a tag after each step, where the family has one. */
export function rewardPrompt(
  model: string,
  problem: string,
  steps: readonly string[],
  perStep: boolean,
): string {
  const name = model.toLowerCase();
  if (/shepherd/.test(name)) {
    // peiyi9979/math-shepherd-mistral-7b-prm: the score stands at "ки" behind each step.
    const lines = steps.map((step, i) => `Step ${i + 1}: ${step} ки`);
    return `${problem} ${lines.join('\n')}`;
  }
  // Qwen2.5-Math-PRM reads its score at <extra_0>; Qwen2.5-Math-RM at the end of the turn.
  const solution = perStep ? steps.map((step) => `${step}<extra_0>`).join('') : steps.join('\n\n');
  const turn = (role: string, text: string): string => `<|im_start|>${role}\n${text}<|im_end|>\n`;
  return `${turn('system', SYSTEM)}${turn('user', problem)}<|im_start|>assistant\n${solution}<|im_end|><|endoftext|>`;
}
