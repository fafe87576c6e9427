/**
 * What every verifier at hand would have chosen from one finished run, and what a spoilt one costs:
 * the choice is repeated for many draws of the spoiling. Pure.
 */
import type { Aggregation, Selection } from '../../shared/run-config.ts';
import type { RunView } from '../../shared/run-view.ts';
import { reselect, type Corruption, type Scorer } from '../../verify/reselect.ts';
import { formatPercent } from '../ui/format.ts';

/** Draws of a spoilt verifier: enough for a share to within a few per cent. */
const DRAWS = 100;

export interface JudgeRow {
  readonly id: string;
  readonly label: string;
  readonly scorer: Scorer;
  readonly corruption: Corruption;
  readonly answerText: string | null;
  readonly correct: boolean | null;
  /** For spoilt verifiers, over all draws: how often the choice was right (null where the truth is
   * not known) and how often it was the unspoilt verifier's. */
  readonly draws: {
    readonly right: number | null;
    readonly same: number;
    readonly of: number;
  } | null;
}

interface Settings {
  readonly selection: Selection;
  readonly aggregation: Aggregation;
  /** Draw of the spoilt verifiers that is shown. */
  readonly seed: number;
}

const POST_HOC = [
  {
    id: 'votes',
    label: 'agreement with each other (self-consistency)',
    scorer: 'self-consistency',
  },
  { id: 'likelihood', label: 'the policy’s own confidence (likelihood)', scorer: 'likelihood' },
] as const;

/** The run's own verifier first, then that one spoilt, then those that need no model. */
export function judgeRows(view: RunView, settings: Settings): JudgeRow[] {
  const rows: JudgeRow[] = [];
  if (view.candidates.some((one) => one.stepScores.length > 0)) {
    const name = view.start?.verifier ?? 'verifier';
    rows.push(
      rowOf(view, settings, { id: 'own', label: name, scorer: 'recorded' }, 'none'),
      rowOf(
        view,
        settings,
        { id: 'flipped', label: '… with 20 % of its verdicts flipped', scorer: 'recorded' },
        'flip-20',
      ),
      rowOf(
        view,
        settings,
        { id: 'random', label: '… replaced by a die (random)', scorer: 'recorded' },
        'random',
      ),
    );
  }
  for (const judge of POST_HOC) {
    if (judge.scorer === 'likelihood' && !knowsLikelihood(view)) continue;
    rows.push(rowOf(view, settings, judge, 'none'));
  }
  return rows;
}

/** Some servers report no token probabilities; every step then looks exactly certain. */
function knowsLikelihood(view: RunView): boolean {
  return view.candidates.some((one) => one.logProb < 0);
}

function rowOf(
  view: RunView,
  settings: Settings,
  judge: { readonly id: string; readonly label: string; readonly scorer: Scorer },
  corruption: Corruption,
): JudgeRow {
  const options = { ...settings, scorer: judge.scorer, corruption };
  const { answerText, correct } = reselect(view, options);
  const draws = corruption === 'none' ? null : drawMany(view, options);
  return { ...judge, corruption, answerText, correct, draws };
}

function drawMany(view: RunView, options: Parameters<typeof reselect>[1]): JudgeRow['draws'] {
  const own = reselect(view, { ...options, corruption: 'none' });
  let right = 0;
  let same = 0;
  for (let seed = 1; seed <= DRAWS; seed++) {
    const choice = reselect(view, { ...options, seed });
    if (choice.correct === true) right++;
    if (choice.answerText === own.answerText) same++;
  }
  return { right: own.correct === null ? null : right, same, of: DRAWS };
}

/** What the spoilt verifiers show, in a sentence or two; null where there is nothing to show. */
export function whatSpoilingShows(
  view: RunView,
  rows: readonly JudgeRow[],
  selection: Selection,
): string | null {
  const own = rows.find((row) => row.id === 'own');
  const flipped = rows.find((row) => row.id === 'flipped')?.draws ?? null;
  const random = rows.find((row) => row.id === 'random')?.draws ?? null;
  if (own === undefined || flipped === null || random === null) return null;
  if (selection === 'majority') {
    return 'A majority vote does not ask the verifier, so spoiling it changes nothing. Choose another rule to see what it is worth.';
  }
  if (flipped.right !== null && random.right !== null) {
    if (!view.candidates.some((one) => one.correct === true)) {
      return 'None of these solutions is right, so no verifier could have chosen well.';
    }
    const start = own.correct === true ? 'The verifier chose right.' : 'The verifier chose wrong.';
    return `${start} With a fifth of its verdicts flipped the choice is right in ${share(flipped.right, flipped.of)} of the draws, with a die in ${share(random.right, random.of)}: the distance from the die is what choosing with this verifier is worth here.`;
  }
  return `With a fifth of the verdicts flipped the same answer wins in ${share(flipped.same, flipped.of)} of the draws, with a die in ${share(random.same, random.of)}: the more they differ, the more the answer hangs on the verifier.`;
}

function share(part: number, of: number): string {
  return formatPercent(part / of);
}
