import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactValue, leavesOf, parseTree } from '../expression.ts';
import { equal, rational } from '../rational.ts';
import { writeStep } from './generate.ts';
import { ascending, operate, parseCountdown, type Countdown } from './rules.ts';
import { allSolutions, findSolution } from './solver.ts';
import { checkSteps } from './steps.ts';

const OPS = ['+', '-', '*', '/'] as const;

/** Everything that three numbers can make, by trying all orders, operators and groupings. */
function bruteForce([a, b, c]: readonly number[]): Set<number> {
  const made = new Set<number>();
  const orders = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ];
  for (const [p, q, r] of orders) {
    for (const first of OPS) {
      const inner = operate(p, first, q);
      if (inner === null) continue;
      for (const second of OPS) {
        for (const value of [operate(inner, second, r), operate(r, second, inner)]) {
          if (value !== null) made.add(value);
        }
      }
    }
  }
  return made;
}

const small = fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 3, maxLength: 3 });

describe('countdown solver', () => {
  it('agrees with brute force on three numbers, for every target', () => {
    fc.assert(
      fc.property(small, (numbers) => {
        const possible = bruteForce(numbers);
        for (let target = 0; target <= 120; target++) {
          const found = findSolution({ target, numbers }) !== null;
          expect(found, `${numbers.join(' ')} → ${target}`).toBe(possible.has(target));
          expect(allSolutions({ target, numbers }).length > 0).toBe(found);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('writes legal, true steps that end in the target', () => {
    const numbers = fc.array(fc.constantFrom(1, 2, 3, 5, 7, 10, 25, 50), {
      minLength: 3,
      maxLength: 5,
    });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 10, max: 200 }), (list, target) => {
        const problem: Countdown = { target, numbers: list };
        const path = findSolution(problem);
        if (path === null) return;
        const steps = path.map(({ move, left }) => writeStep(move, left));
        expect(checkSteps(problem, steps).every((v) => v.legal && v.true)).toBe(true);
        expect(path[path.length - 1].left).toEqual([target]);
      }),
      { numRuns: 100 },
    );
  });

  it('lists only expressions that use each number once and reach the target', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 60 }), (numbers, target) => {
        const solutions = allSolutions({ target, numbers });
        expect(new Set(solutions).size).toBe(solutions.length);
        for (const solution of solutions) {
          const tree = parseTree(solution);
          expect(tree).not.toBeNull();
          if (tree === null) continue;
          expect(ascending(leavesOf(tree))).toEqual(ascending(numbers));
          const value = exactValue(tree);
          expect(value !== null && equal(value, rational(target))).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['make 24: 4 6 7 8', 3],
    ['make 24: 3 3 8 8', 0],
    ['make 24: 1 5 5 5', 0],
    ['make 10: 1 1 1 1', 0],
    ['make 24: 4 4 10 10', 1],
  ])('%s has %i solutions', (prompt, count) => {
    const problem = parseCountdown(prompt);
    expect(problem).not.toBeNull();
    if (problem !== null) expect(allSolutions(problem)).toHaveLength(count);
  });

  it('plays with six numbers, solvable or not', () => {
    expect(findSolution({ target: 999, numbers: [1, 1, 1, 2, 2, 2] })).toBeNull();
    expect(findSolution({ target: 952, numbers: [25, 50, 75, 100, 3, 6] })).not.toBeNull();
    expect(allSolutions({ target: 952, numbers: [25, 50, 75, 100, 3, 6] }, 5)).not.toEqual([]);
  });
});
