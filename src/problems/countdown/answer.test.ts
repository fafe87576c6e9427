import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactValue, parseTree, printTree, type Operator, type Tree } from '../expression.ts';
import { equal } from '../rational.ts';
import { canonicalExpression, expressionOf, reachesTarget, showExpression } from './answer.ts';
import type { Countdown } from './rules.ts';

const canonical = (text: string) => {
  const tree = parseTree(text);
  return tree === null ? null : canonicalExpression(tree);
};

const leaf = fc.integer({ min: 1, max: 20 });
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({
      op: fc.constantFrom<Operator>('+', '-', '*', '/'),
      left: tie('tree'),
      right: tie('tree'),
    }),
  ),
}));

/** The same expression with commutative operands swapped and associative groups turned. */
function rearranged(at: Tree, coin: () => boolean): Tree {
  if (typeof at === 'number') return at;
  let left = rearranged(at.left, coin);
  let right = rearranged(at.right, coin);
  const { op } = at;
  const commutes = op === '+' || op === '*';
  if (commutes && coin()) [left, right] = [right, left];
  if (commutes && coin() && typeof right !== 'number' && right.op === op) {
    return { op, left: { op, left, right: right.left }, right: right.right };
  }
  // (a-b)-c = (a-c)-b and a-(b-c) = (a+c)-b, likewise for * and /.
  if ((op === '-' || op === '/') && typeof left !== 'number' && left.op === op && coin()) {
    return { op, left: { op, left: left.left, right }, right: left.right };
  }
  const back = op === '-' ? '+' : '*';
  if ((op === '-' || op === '/') && typeof right !== 'number' && right.op === op && coin()) {
    return { op, left: { op: back, left, right: right.right }, right: right.left };
  }
  return { op, left, right };
}

describe('canonical countdown answers', () => {
  it('are the same for rearrangements and for reprints', () => {
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.boolean()), (expression, coins) => {
        const coin = () => coins.next().value === true;
        const text = canonicalExpression(expression);
        expect(canonicalExpression(rearranged(expression, coin))).toBe(text);
        expect(canonical(text)).toBe(text);
        expect(canonical(printTree(expression))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('keep the exact value', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        const value = exactValue(expression);
        // What divides by zero is no answer; `expressionOf` refuses it.
        fc.pre(value !== null);
        const again = exactValue(parseTree(canonicalExpression(expression)) ?? 0);
        expect(again !== null && value !== null && equal(value, again)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['4*6', '6*4'],
    ['1+2+3', '3+(2+1)'],
    ['10-(5-2)', '10+2-5'],
    ['10-5-2', '10-(5+2)'],
    ['12/(4/2)', '12*2/4'],
    ['(7+4)*(8-6)', '(8-6)*(4+7)'],
    ['7*(4-8/2)', '(4-8/2)*7'],
  ])('%s is %s', (a, b) => expect(canonical(a)).toBe(canonical(b)));

  it.each([
    ['10-5', '5-10'],
    ['12/4', '4/12'],
    ['2*(3+4)', '2*3+4'],
    ['4*1', '4/1'],
    ['8-6*1', '8*1-6'],
    ['(8-2)*4', '8-2*4'],
    ['2+2*3', '2*2+3'],
  ])('%s is not %s', (a, b) => expect(canonical(a)).not.toBe(canonical(b)));
});

describe('the expression of a solution', () => {
  const problem: Countdown = { target: 24, numbers: [4, 6, 7, 8] };
  const answerOf = (...steps: string[]) => {
    const found = expressionOf(problem, steps);
    return found === null ? null : canonicalExpression(found);
  };

  it('follows results back to the numbers', () => {
    // 8/4 = 2, 7-6... : (7+8/4... ) is not needed to be right, only to be read.
    expect(answerOf('8-6=2|2 4 7', '7*4=28|2 28', '28-2=26|26')).toBe('7*4+6-8');
  });

  it('refuses a division by zero inside a divisor', () => {
    const zero: Countdown = { target: 24, numbers: [4, 4, 9, 24] };
    expect(expressionOf(zero, ['4-4=0|0 9 24', '9/0=1|1 24', '24/1=24|24'])).toBeNull();
  });

  it('reads a false result as what it stands for', () => {
    const false28 = answerOf('8-6=2|2 4 7', '7*4=26|2 26', '26-2=24|24');
    expect(false28).toBe('7*4+6-8');
    expect(reachesTarget(problem, false28 ?? '')).toBe(false);
    expect(showExpression(false28 ?? '')).toBe('7 × 4 + 6 − 8 = 26');
  });

  it.each([
    [['8-5=3|3 4 6 7']],
    [['8-6=2|2 4 7', '8*4=32|7 32', '32-7=25|25']],
    [['4*6=24|24']],
    [['8-6=2|2 4 7', 'seven', '28-2=26|26']],
    [['8-6=02|2 4 7']],
    [['4-4=0|0 6 7 8']],
    [[]],
  ])('is null for %j', (steps) => expect(answerOf(...steps)).toBeNull());

  it('accepts only expressions of exactly these numbers', () => {
    expect(reachesTarget(problem, '8*6*(7-4)/6')).toBe(false);
    expect(reachesTarget(problem, '4*6')).toBe(false);
    expect(reachesTarget(problem, '24')).toBe(false);
    expect(reachesTarget(problem, '4*(7-8/(6-4))')).toBe(false);
    expect(reachesTarget(problem, '(7+8-4... )')).toBe(false);
    expect(reachesTarget(problem, '6*8/(7-4)...')).toBe(false);
    expect(reachesTarget({ target: 24, numbers: [3, 4, 6, 8] }, '6*8/(4-3)/2')).toBe(false);
    expect(reachesTarget({ target: 24, numbers: [2, 4, 6, 8] }, '(8-4)*(2+6)-8')).toBe(false);
    expect(reachesTarget({ target: 24, numbers: [3, 4, 6, 8] }, '6*8/(4-3)')).toBe(false);
    expect(reachesTarget({ target: 48, numbers: [3, 4, 6, 8] }, '6*8/(4-3)')).toBe(true);
    expect(reachesTarget({ target: 24, numbers: [3, 3, 8, 8] }, '8/(3-8/3)')).toBe(true);
    expect(reachesTarget(problem, '1+'.repeat(5000) + '1')).toBe(false);
  });
});
