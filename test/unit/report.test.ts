/** The evaluation report: rows to figures, figures to SVG, the whole to Markdown. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../src/eval/curves.ts';
import { difficultyOf } from '../../src/eval/difficulty.ts';
import type { SweepResult } from '../../src/eval/sweep-result.ts';
import { EMPTY_LEDGER } from '../../src/shared/ledger.ts';
import { parseCalibration, parseCurves, type CurvesFile } from '../../tools/report/curves-file.ts';
import { drawFigure } from '../../tools/report/draw-figure.ts';
import type { Figure } from '../../tools/report/figure.ts';
import { accuracyFigure, calibrationFigure } from '../../tools/report/figures.ts';
import { svgStyle } from '../../tools/report/palette.ts';
import { buildReport } from '../../tools/report/report.ts';
import { powersScale } from '../../tools/report/scale.ts';
import { calibrationError, table, three } from '../../tools/report/tables.ts';

const theme = readFileSync(
  fileURLToPath(new URL('../../src/app/ui/theme.css', import.meta.url)),
  'utf8',
);
const palette = svgStyle(theme);

/** Twenty problems of two families; the even ones are right, beam also at every third. */
function results(): SweepResult[] {
  return ['best-of-n', 'beam'].flatMap((strategy) =>
    [1, 4, 16].flatMap((budget) =>
      Array.from({ length: 20 }, (_, i) => ({
        id: `p${i}`,
        strategy,
        budget,
        seed: 1,
        answer: '1',
        correct: i % 2 === 0 || (strategy === 'beam' && budget > 1 && i % 3 === 0),
        ledger: { ...EMPTY_LEDGER, generations: budget },
        details: {
          samples: budget,
          correctSamples: i % 2 === 0 ? budget : 0,
          meanScore: i / 20,
          flags: [],
        },
      })),
    ),
  );
}

const families = new Map(
  results().map(({ id }) => [id, Number(id.slice(1)) < 10 ? 'countdown' : 'arithmetic']),
);
const meta = {
  label: '20 problems',
  measuredAt: '2026-11-26T10:00:00Z',
  revision: 'abc',
  models: {},
};

function curves(): CurvesFile {
  const difficulty = difficultyOf(results(), results(), meta);
  const separate = results().map((one) => ({ ...one, seed: 2001 }));
  const answers = Array.from({ length: 20 }, (_, i) => ({
    id: `p${i}`,
    correct: i >= 10,
    seed: 1,
  }));
  const larger = { label: 'policy-large', modelRatio: 4.04, results: answers };
  const made = curvesOf(results(), difficulty, meta, { families, separate, larger });
  const file = parseCurves('made', JSON.parse(JSON.stringify(made)));
  if (file === null) throw new Error('not recognised');
  return file;
}

const calibration = parseCalibration('made', {
  model: 'prm',
  steps: [
    {
      step: 1,
      bins: [
        { low: 0, high: 0.5, mean: 0.25, right: 10, count: 40, reachable: 30, known: 40 },
        { low: 0.5, high: 1, mean: 0.75, right: 9, count: 10 },
      ],
    },
    { step: 6, last: true, bins: [{ low: 0, high: 0.5, mean: 0, right: 0, count: 0 }] },
  ],
})[0];

describe('report', () => {
  it('shows every figure that it mentions, and mentions every figure', () => {
    const { markdown, figures } = buildReport({
      curves: new Map([['eval', curves()]]),
      calibrations: [calibration],
    });
    const shown = [...markdown.matchAll(/\]\(report\/([^)]+)\)/g)].map(([, file]) => file);
    expect(shown.sort()).toEqual([...figures.keys()].sort());
    expect(shown).toHaveLength(10);
    expect(markdown).toContain('| Beam search | .500 (.299 – .701) | .650 (.433 – .819) |');
    expect(markdown).toContain('**countdown**');
    expect(markdown).toContain('| Step 6 and later | 0 | .000 |');
  });

  it('says what a curve saves, whether read-out runs are right, and what a larger policy does', () => {
    const { markdown } = buildReport({ curves: new Map([['eval', curves()]]), calibrations: [] });
    // Best-of-n has .5 everywhere; beam search has .65 from 4 on.
    expect(markdown).toContain('<summary>Paired differences, ');
    expect(markdown).toContain('right on .500 at 16 generations');
    expect(markdown).toContain('| Beam search | 1.0 | at least 16.00 |');
    expect(markdown).toContain('Compute-optimal, quick bins, estimate charged');
    expect(markdown).toContain(
      '| Best-of-N | 4 | .000 | .000 – .000 | equal within the interval |',
    );
    // Ease is i / 20, so the larger policy is right on the easier half.
    expect(markdown).toContain('Beside the larger policy (policy-large, 4 times the parameters)');
    expect(markdown).toMatch(/\| 1 \| 4 \| \S+ \| – \| 1\.000 \(/);
    expect(markdown).toMatch(/\| 5 \| 4 \| \S+ \| – \| \.000 \(/);
    const without = { ...curves(), larger: null, savings: [], separate: [], byDifficulty: [] };
    const plain = buildReport({ curves: new Map([['eval', without]]), calibrations: [] }).markdown;
    expect(plain).not.toContain('Generations for the same accuracy');
  });

  it('is the same for the same measurements', () => {
    const build = () =>
      buildReport({ curves: new Map([['eval', curves()]]), calibrations: [calibration] });
    expect(build()).toEqual(build());
  });

  it('says that families are missing where they are', () => {
    const file = { ...curves(), byFamily: undefined };
    const { markdown, figures } = buildReport({
      curves: new Map([['eval', file]]),
      calibrations: [],
    });
    expect(markdown).toContain('does not tell families apart');
    expect([...figures.keys()].some((name) => name.includes('families'))).toBe(false);
  });

  it('writes a text of any kind into cells without breaking the table', () => {
    expect(table(['a|b'], [['<x>\nc']])).toBe('| a\\|b |\n|---|\n| &lt;x> c |');
    expect([three(0.5), three(1), three(-0.25), three(-0.0001)]).toEqual([
      '.500',
      '1.000',
      '−.250',
      '.000',
    ]);
  });
});

describe('files', () => {
  it('passes over JSON of another kind and refuses damaged curves', () => {
    expect(parseCurves('table.json', { format: 'overthink-compute-optimal' })).toBeNull();
    const damaged = { ...curves(), points: [{ strategy: 'beam', budget: 0 }] };
    expect(() => parseCurves('damaged.json', damaged)).toThrow(/damaged\.json cannot be reported/);
  });

  it.each([
    ['more right than there are', { right: 41 }],
    ['more reachable than known', { reachable: 41 }],
    ['a mean beyond 1', { mean: 1.5 }],
  ])('refuses a calibration with %s', (_, change) => {
    const [step] = calibration.steps;
    const bins = [{ ...step.bins[0], ...change }];
    const json = { ...calibration, steps: [{ ...step, bins }] };
    expect(() => parseCalibration('calibration.json', json)).toThrow(/calibration\.json/);
  });

  it('weighs the calibration error by prefixes', () => {
    expect(calibrationError(calibration.steps[0].bins)).toBeCloseTo((0 + 0.15 * 10) / 50);
    expect(calibrationError([])).toBe(0);
  });
});

describe('drawing', () => {
  const svg = drawFigure(accuracyFigure(curves()), palette);

  it('draws one band, one line and its markers for each strategy', () => {
    const count = (pattern: RegExp) => [...svg.matchAll(pattern)].length;
    expect(count(/class="band"/g)).toBe(2);
    // The legend repeats line and marker.
    expect(count(/class="line"/g)).toBe(4);
    expect(count(/class="marker"/g)).toBe(2 * 3 + 2);
    expect(svg).toContain('stroke="var(--strategy-beam)"');
    expect(svg).toContain('stroke-dasharray="8 3"');
  });

  it('carries every colour that it names, in light and in dark', () => {
    const whole = svg + drawFigure(calibrationFigure(calibration), palette);
    const named = new Set([...whole.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
    expect(named.size).toBeGreaterThan(4);
    const [light, dark] = palette.split('@media');
    for (const name of named) {
      expect([light, dark].map((part) => part.includes(`${name}:#`))).toEqual([true, true]);
    }
    expect(() => svgStyle('body {}')).toThrow(/light and dark/);
  });

  it('puts higher shares higher, and holds bars inside the panel', () => {
    const reliability = drawFigure(calibrationFigure(calibration), palette);
    const places = [
      ...reliability.matchAll(/class="marker" transform="translate\(([\d.]+) ([\d.]+)\)"/g),
    ];
    const [first, second] = places.map(([, , y]) => Number(y));
    expect(second).toBeLessThan(first);
    expect(reliability).toContain('not measured');
    expect([...reliability.matchAll(/class="bar"/g)]).toHaveLength(3);
  });

  it('is well-formed whatever the words and numbers are', () => {
    const point = fc.record({
      x: fc.double({ min: 1, max: 1024, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const style = {
      label: 'x',
      color: 'var(--ink)',
      dash: '',
      marker: 'star',
      hollow: true,
    } as const;
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(point),
        fc.constantFrom('powers', 'share'),
        (words, points, xScale) => {
          const figure: Figure = {
            title: words,
            description: words,
            xLabel: words,
            yLabel: words,
            xScale: xScale as 'powers' | 'share',
            intervals: 'band',
            panels: [
              {
                title: words,
                series: [{ name: words, style: { ...style, label: words }, points }],
              },
            ],
          };
          const text = drawFigure(figure, palette);
          expect(text).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
          // Every tag is one of ours: no word became markup.
          const tags = new Set([...text.matchAll(/<\/?([^\s/>]*)/g)].map(([, tag]) => tag));
          for (const tag of tags)
            expect(['svg', 'title', 'desc', 'style', 'rect', 'path', 'text']).toContain(tag);
        },
      ),
    );
  });

  it('places powers of two evenly and a lone value in the middle', () => {
    const scale = powersScale([1, 4, 16], 0, 100);
    expect([1, 4, 16].map((value) => scale.at(value))).toEqual([0, 50, 100]);
    expect(scale.ticks).toEqual([1, 2, 4, 8, 16]);
    expect(powersScale([8, 8], 0, 100).at(8)).toBe(50);
    expect(powersScale([1, 256], 0, 100).ticks).toEqual([1, 4, 16, 64, 256]);
  });
});
