/** Whether an equation that was read lies within the family, and what to say of it. */
import type { OutsideProblem, Understanding, Warning } from '../family.ts';
import { prettyMath } from '../expression.ts';
import { isWhole, multiply, show, type Rational } from '../rational.ts';
import { LARGER, outside } from '../text/outside.ts';
import { ROOTS } from './generate.ts';
import { line } from './moves.ts';
import {
  levelOf,
  printEquation,
  printPrompt,
  solutionOf,
  totals,
  type Equation,
  type Side,
  type Term,
} from './sides.ts';
import { linearOf, termsOf, type Linear, type Node, type RawTerm } from './syntax.ts';
import { nonLinear } from './wording.ts';

/** Largest number in a canonical equation, its products expanded. */
const LARGEST = 999;
/** Longest canonical equation; the generator's own stay below. */
const LONGEST = 80;

/** `typed`: what the visitor wrote, with every product sign, to notice what was rewritten. */
export function judgeEquation(
  left: Node,
  right: Node,
  typed: string,
  warnings: readonly Warning[],
): Understanding {
  const [l, r] = [termsOf(left), termsOf(right)];
  if (l === 'non-linear' || r === 'non-linear') return nonLinear();
  if (typeof l === 'string' || typeof r === 'string') return divisionByZero();
  const [leftSide, rightSide] = [wholeTerms(l), wholeTerms(r)];
  if (leftSide === null || rightSide === null) return fractions(left, right);
  const equation: Equation = { left: leftSide, right: rightSide };
  const refused = tooLarge(equation) ?? noSolution(equation);
  if (refused !== null) return refused;
  const text = printEquation(equation);
  const rewritten: Warning[] =
    text === typed
      ? []
      : [{ code: 'rewritten', text: `The small models see it written as ${text}.` }];
  return {
    kind: 'problem',
    family: 'equation',
    level: levelOf(equation),
    prompt: printPrompt(equation),
    shown: `Equation: solve ${prettyMath(text)} for x.`,
    warnings: [...warnings, ...rewritten],
  };
}

/** Terms with whole numbers and no zeros; null where a fraction stays. */
function wholeTerms(raw: readonly RawTerm[]): Side | null {
  const side: Term[] = [];
  for (const term of raw) {
    const whole = term.kind === 'product' ? wholeProduct(term.k, term.inner) : plain(term);
    if (whole === null) return null;
    side.push(...whole.filter(({ k }) => k !== 0));
  }
  return side;
}

function plain(term: { kind: 'x' | 'number'; k: Rational }): Term[] | null {
  return isWhole(term.k) ? [{ kind: term.kind, k: Number(term.k.num) }] : null;
}

function wholeProduct(k: Rational, inner: Linear): Term[] | null {
  if (isWhole(k) && isWhole(inner.x) && isWhole(inner.n)) {
    const [factor, a, b] = [k, inner.x, inner.n].map(({ num }) => Number(num));
    if (factor === 0) return [];
    return a < 0
      ? [{ kind: 'product', k: -factor, a: -a, b: -b }]
      : [{ kind: 'product', k: factor, a, b }];
  }
  const [x, n] = [multiply(k, inner.x), multiply(k, inner.n)];
  return isWhole(x) && isWhole(n)
    ? [
        { kind: 'x', k: Number(x.num) },
        { kind: 'number', k: Number(n.num) },
      ]
    : null;
}

function divisionByZero(): OutsideProblem {
  return outside('division-by-zero', 'The equation divides by zero.', {
    understood: 'An equation with one unknown.',
    missing: 'Division by zero has no result.',
    advice: 'Change the divisor, or write an equation like solve 3*(x-4)=2*x+5.',
  });
}

/** Offers the equation multiplied by the common denominator, where that is within the family. */
function fractions(left: Node, right: Node): OutsideProblem {
  const [l, r] = [linearOf(left), linearOf(right)];
  if (typeof l === 'string' || typeof r === 'string') return nonLinear();
  const parts = [l.x, l.n, r.x, r.n];
  const common = parts.reduce((lcm, { den }) => (lcm * den) / gcd(lcm, den), 1n);
  const [lx, ln, rx, rn] = parts.map(({ num, den }) => Number((num * common) / den));
  const cleared: Equation = { left: line(lx, ln), right: line(rx, rn) };
  const usable = tooLarge(cleared) === null && noSolution(cleared) === null;
  return outside('fraction', 'Fractions are not possible in equations here.', {
    understood: 'An equation with one unknown and a division.',
    missing: 'All numbers are whole.',
    advice: usable
      ? `Multiply both sides by ${common}: ${printPrompt(cleared)}.`
      : `Multiply both sides until no division is left, ${LARGER}.`,
  });
}

function tooLarge(equation: Equation): OutsideProblem | null {
  const numbers = [...equation.left, ...equation.right].flatMap((term) =>
    term.kind === 'product' ? [term.k, term.k * term.a, term.k * term.b] : [term.k],
  );
  const largest = numbers.find((n) => Math.abs(n) > LARGEST);
  if (largest !== undefined) {
    return outside('number-range', `${Math.abs(largest)} is too large.`, {
      understood: 'A linear equation.',
      missing: `Numbers in equations go up to ${LARGEST}.`,
      advice: `Use smaller numbers, as in solve 20*x+37=197, ${LARGER}.`,
    });
  }
  if (printEquation(equation).length <= LONGEST) return null;
  return outside('too-long', 'The equation has too many terms.', {
    understood: 'A linear equation.',
    missing: `The small models practised with equations of up to ${LONGEST} characters.`,
    advice: `Collect some terms yourself, ${LARGER}.`,
  });
}

function noSolution(equation: Equation): OutsideProblem | null {
  const solution = solutionOf(equation);
  const understood = `The equation ${prettyMath(printEquation(equation))}.`;
  if (solution === 'none' || solution === 'every') {
    const none = solution === 'none';
    return outside(
      none ? 'no-solution' : 'always-true',
      none ? 'No number solves this equation.' : 'Every number solves this equation.',
      {
        understood,
        missing: 'The unknown drops out; the models look for a single value.',
        advice: 'Change one of the coefficients of x, as in solve 3*(x-4)=2*x+5.',
      },
    );
  }
  if (!isWhole(solution)) return offRange(equation, solution, understood, 'solution-not-whole');
  const root = Number(solution.num);
  if (root < ROOTS.low || root > ROOTS.high) {
    return offRange(equation, solution, understood, 'solution-range');
  }
  const solved = printEquation(equation) === `x=${root}`;
  return solved
    ? outside('already-solved', `There is nothing to solve: x is ${root}.`, {
        understood,
        missing: 'The unknown stands alone already.',
        advice: 'Write an equation with something to do, as in solve 2*x+3=11.',
      })
    : null;
}

function offRange(
  equation: Equation,
  solution: Rational,
  understood: string,
  code: 'solution-not-whole' | 'solution-range',
): OutsideProblem {
  const near = nearest(equation, solution);
  const message =
    code === 'solution-range'
      ? `The solution, ${shortened(solution)}, is out of range.`
      : `The solution, ${shortened(solution)}, is not a whole number.`;
  return outside(code, message, {
    understood,
    missing: `The small models practised with whole solutions from ${ROOTS.low} to ${ROOTS.high}.`,
    advice:
      near === null
        ? `Try an equation like solve 3*(x-4)=2*x+5, ${LARGER}.`
        : `The nearest equation they can do is ${printPrompt(near)}. Try it, ${LARGER}.`,
  });
}

function shortened(solution: Rational): string {
  const text = show(solution);
  return text.length > 24 ? 'a very long fraction' : text;
}

/** The same equation with another constant on the right, so that the solution is in range. */
function nearest({ left, right }: Equation, solution: Rational): Equation | null {
  const value = Number(solution.num) / Number(solution.den);
  const root = Math.min(ROOTS.high, Math.max(ROOTS.low, Math.round(value)));
  const others = right.filter(({ kind }) => kind !== 'number');
  const [l, r] = [totals(left), totals(others)];
  const constant = (l.x - r.x) * root + l.n - r.n;
  const side: Side = constant === 0 ? others : [...others, { kind: 'number', k: constant }];
  const equation: Equation = { left, right: side };
  return tooLarge(equation) === null && printEquation(equation) !== `x=${root}` ? equation : null;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
