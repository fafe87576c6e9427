/** The words every prompt is made of. A changed word changes every run of a language model. */

export const INSTRUCTION = [
  'Solve the math problem in short numbered steps. Use exactly this form:',
  '',
  '## Step 1: what is computed, and its result',
  '',
  '## Step 2: …',
  '',
  'The last step ends with: The final answer is $\\boxed{…}$, with only the number or expression',
  'asked for in the place of the dots. Then stop.',
].join('\n');

export const REVISE_INSTRUCTION = [
  INSTRUCTION,
  'Earlier attempts at the same problem are given, oldest first. Some may be wrong. Find what is',
  'wrong in them, if anything, and write a full solution of your own in the same form.',
].join('\n');

export const JUDGE_INSTRUCTION = [
  'You check solutions of math problems. Recompute every step. If each step so far is correct and',
  'leads towards the answer, say Yes. If any step is wrong or pointless, say No. Answer with one',
  'word.',
].join('\n');

export interface WorkedExample {
  readonly problem: string;
  readonly steps: readonly string[];
  /** The same begun wrongly, for judges. */
  readonly wrong: readonly string[];
}

export const EXAMPLES: readonly WorkedExample[] = [
  {
    problem:
      'A box holds 12 pencils. Mia buys 3 boxes and gives 7 pencils away. How many are left?',
    steps: [
      'Mia buys 3 boxes of 12 pencils, which is 3 * 12 = 36 pencils.',
      'She gives 7 away: 36 - 7 = 29. The final answer is $\\boxed{29}$.',
    ],
    wrong: ['Mia buys 3 boxes of 12 pencils, which is 3 + 12 = 15 pencils.'],
  },
  {
    problem: 'Solve 4x - 6 = 10.',
    steps: [
      'Add 6 to both sides: 4x = 16.',
      'Divide both sides by 4: x = 4. The final answer is $\\boxed{4}$.',
    ],
    wrong: ['Add 6 to both sides: 4x = 16.', 'Divide both sides by 4: x = 12.'],
  },
];
