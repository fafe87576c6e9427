/**
 * What hand-made models have read (written-model.ts): solutions in the form that the prompts ask for,
 * which tell by their words which model wrote them, and judgements.
 */
import type { Passage } from './written-words.ts';

const TURN = '<|im_start|>assistant\n';
const ASKED = 'Is every step right? Yes or No.<|im_end|>\n';

/** Solutions about animals of one kind; half of them end with 7. */
export function solutionsAbout(animals: string): Passage[] {
  const ends = [7, 7, 9, 5];
  const words = ['count', 'see', 'find', 'meet'];
  return ends.map((end, i) => {
    const first = ` We ${words[i]} 3 * 4 = 12 ${animals}.`;
    const last = ` Of 12 ${animals}, ${12 - end} go: 12 - ${12 - end} = ${end}.`;
    return {
      before: TURN,
      after: `## Step 1:${first}\n\n## Step 2:${last} The final answer is $\\boxed{${end}}$.`,
    };
  });
}

/** Both words; which one is likelier is a matter of what was read before. */
export const JUDGEMENTS: readonly Passage[] = [
  { before: `${ASKED}${TURN}`, after: 'Yes' },
  { before: `${ASKED}${TURN}`, after: 'No' },
];
