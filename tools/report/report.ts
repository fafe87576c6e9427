/** The whole report: Markdown, and the figures that it shows. Pure. */
import type { Calibration, CurvesFile, Difficulty } from './curves-file.ts';
import type { Figure } from './figure.ts';
import {
  accuracyFigure,
  calibrationFigure,
  difficultyFigure,
  familyFigure,
  optimalFigure,
  passAtKFigure,
  stepName,
} from './figures.ts';
import {
  accuracyTable,
  calibrationError,
  calibrationTable,
  choiceTable,
  differenceTable,
  largerTable,
  passAtKTable,
  savingTable,
  separateTable,
  table,
  three,
} from './tables.ts';

export interface ReportSource {
  /** By file name without its ending. */
  readonly curves: ReadonlyMap<string, CurvesFile>;
  readonly calibrations: readonly Calibration[];
}

export interface Report {
  readonly markdown: string;
  /** File name to figure. */
  readonly figures: ReadonlyMap<string, Figure>;
}

const FOLDER = 'report';

export function buildReport({ curves, calibrations }: ReportSource): Report {
  const figures = new Map<string, Figure>();
  const show = (name: string, figure: Figure): string => {
    const file = `${name.replaceAll(/[^\w-]+/g, '-')}.svg`;
    figures.set(file, figure);
    return `![${figure.title}](${FOLDER}/${file})`;
  };
  const parts = [
    '# Evaluation',
    'Written by `npm run -s report` from `public/curves` and `docs/calibration.json`; do not edit. Intervals are 95 %: Wilson for one seed, otherwise a bootstrap over problems, then seeds. Differences are paired over the same problems and seeds; a tie is an interval that holds 0. Budgets are generations (complete solutions sampled).',
    ...[...curves].flatMap(([name, file]) => curvesSection(name, file, show)),
    ...calibrations.flatMap((calibration) => calibrationSection(calibration, show)),
  ];
  return { markdown: `${parts.filter((part) => part !== '').join('\n\n')}\n`, figures };
}

type Show = (name: string, figure: Figure) => string;

function curvesSection(name: string, file: CurvesFile, show: Show): string[] {
  const families = familyFigure(file);
  const perFamily = file.byFamily ?? [];
  return [
    `## ${file.label}`,
    origin(name, file),
    '### Accuracy against generations',
    show(`${name}-accuracy`, accuracyFigure(file)),
    accuracyTable(file.points),
    ...details('Paired differences', differenceTable(file.comparisons)),
    '### By family',
    families === null
      ? 'This measurement does not tell families apart; `curves` of a newer sweep does.'
      : show(`${name}-families`, families),
    ...perFamily.flatMap(({ family, points, comparisons }) => [
      `**${family}**\n\n${accuracyTable(points)}`,
      ...(comparisons.length === 0
        ? []
        : details(`Paired differences, ${family}`, differenceTable(comparisons))),
    ]),
    ...savingSection(file),
    ...file.byDifficulty.flatMap((difficulty) => difficultySection(name, file, difficulty, show)),
    ...separateSection(file),
    ...(file.passAtK.length === 0
      ? []
      : ['### pass@k', show(`${name}-pass-at-k`, passAtKFigure(file)), passAtKTable(file)]),
  ];
}

const BINS: Record<string, string> = {
  oracle: 'by the share of right samples, which only an evaluation knows',
  predicted: 'by the mean score of the verifier, without the truth',
  quick: 'by the mean score of the verifier over the few samples that `auto` takes',
};

function difficultySection(
  name: string,
  file: CurvesFile,
  difficulty: Difficulty,
  show: Show,
): string[] {
  const { kind, samples, independent } = difficulty;
  const drawn = independent ? 'with other seeds than' : 'which are also';
  return [
    `### By difficulty, ${kind}`,
    `Five bins of equal size ${BINS[kind] ?? ''}; ${Math.round(samples)} samples a problem, ${drawn} those whose accuracy is compared.`,
    show(`${name}-difficulty-${kind}`, difficultyFigure(file.label, difficulty)),
    'What the compute-optimal rule runs in each bin, by generations:',
    choiceTable(difficulty),
    show(`${name}-optimal-${kind}`, optimalFigure(file, difficulty)),
    ...details('Compute-optimal against best-of-n', differenceTable(difficulty.gains)),
    ...largerSection(file, difficulty),
  ];
}

function savingSection(file: CurvesFile): string[] {
  const body = savingTable(file);
  const [known] = [
    ...file.byDifficulty.flatMap(({ saving }) => saving?.free ?? []),
    ...(file.savings ?? []).map(({ saving }) => saving),
  ];
  if (body === '' || known === undefined) return [];
  const { baselineBudget, baselineAccuracy } = known;
  const auto = (file.savings ?? []).some(({ strategy }) => strategy === 'auto');
  return [
    '### Generations for the same accuracy',
    `Best-of-N with weighted selection is right on ${three(baselineAccuracy)} at ${baselineBudget} generations. What other curves need for that, and how many times fewer that is (the paper: up to 4 times fewer; below 1 is more). Between measured budgets a straight line over log N; “at least” where the smallest measured budget suffices already. Intervals: a bootstrap over problems, then seeds, that repeats the choice of strategies.`,
    body,
    auto
      ? 'Auto pays for its samples and is run with choices that were made on the half of the problems that the problem at hand does not belong to.'
      : '',
  ];
}

function separateSection(file: CurvesFile): string[] {
  const body = separateTable(file);
  if (body === '') return [];
  return [
    '### Smaller budgets read out of larger runs',
    'Best-of-N at a smaller budget is the beginning of its largest run. The same measured with runs of their own and other seeds, minus that:',
    body,
  ];
}

function largerSection(file: CurvesFile, difficulty: Difficulty): string[] {
  if (file.larger === null) {
    return difficulty.kind === 'oracle' ? ['A larger policy was not measured.'] : [];
  }
  const { label, modelRatio } = file.larger;
  const size =
    modelRatio === null ? '' : `, ${Number(modelRatio.toPrecision(2))} times the parameters`;
  return [`Beside the larger policy (${label}${size}):`, largerTable(file, difficulty)];
}

function origin(name: string, { measuredAt, revision, models, points }: CurvesFile): string {
  const problems = Math.max(0, ...points.map((point) => point.problems));
  const seeds = Math.max(0, ...points.map((point) => point.seeds));
  const weights = Object.entries(models).map(([model, sum]) => `${model} \`${sum}\``);
  const code = revision === '' ? 'unknown code revision' : `code revision \`${revision}\``;
  return `\`public/curves/${name}.json\`: ${problems} problems, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, measured ${measuredAt.slice(0, 10)} with ${code}; weights ${weights.join(', ')} (first digits of SHA-256).`;
}

function calibrationSection(calibration: Calibration, show: Show): string[] {
  const errors = calibration.steps.map(({ step, last, bins }) => [
    stepName(step, last),
    String(bins.reduce((sum, { count }) => sum + count, 0)),
    three(calibrationError(bins)),
  ]);
  return [
    `## Calibration of ${calibration.model}`,
    'Each point is a bin of prefixes by the value that the model gave after that step: across, the mean value; up, the share whose solution ended right (and, where a solver can tell, the share from which a right end could still be reached), with Wilson intervals. On the dotted diagonal the values are the chances that they name; the error is against the solutions that ended right.',
    show(`calibration-${calibration.model}`, calibrationFigure(calibration)),
    table(['step', 'prefixes', 'expected calibration error'], errors),
    ...details('All bins', calibrationTable(calibration)),
  ];
}

/** Long tables open on demand. */
function details(summary: string, body: string): string[] {
  return body === '' ? [] : [`<details><summary>${summary}</summary>\n\n${body}\n\n</details>`];
}
