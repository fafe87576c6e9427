/** What is said of equations that cannot be read. */
import { MAX_DEPTH } from '../expression.ts';
import type { OutsideProblem } from '../family.ts';
import { LARGER, outside, quoted, shortNumber } from '../text/outside.ts';
import type { Token } from '../text/tokens.ts';

const LINEAR = 'The small models solve one linear equation with one unknown.';

export function severalUnknowns(names: readonly string[]): OutsideProblem {
  return outside(
    'several-unknowns',
    `There is more than one unknown: ${quoted(names.map((name) => (name === ' ' ? '_' : name)))}.`,
    {
      understood: 'This looks like an equation.',
      missing: LINEAR,
      advice: `Use one letter only, as in solve 2*x+3=11, ${LARGER}.`,
    },
  );
}

export function severalEquations(): OutsideProblem {
  return outside('several-equations', 'There is more than one equals sign.', {
    understood: 'This looks like more than one equation.',
    missing: LINEAR,
    advice: `Write one equation, as in solve 2*x+3=11, ${LARGER}.`,
  });
}

export function equalsMissing(clause: readonly Token[]): OutsideProblem {
  const typed = clause.map(({ text }) => text).join('');
  const shown = typed.length > 40 ? `${typed.slice(0, 40)}…` : typed;
  return outside('equals-missing', 'This is not an equation: one side is missing.', {
    understood: shown === '' ? 'An unknown.' : `The expression ${shown}.`,
    missing: 'An equals sign with something on both sides.',
    advice: 'Write both sides, as in solve 2*x+3=11.',
  });
}

export function strayParts(clauses: readonly (readonly Token[])[]): OutsideProblem {
  const parts = clauses.map((clause) => clause.map(({ text }) => text).join(''));
  return outside('stray-text', `It is not clear what ${quoted(parts)} has to do with it.`, {
    understood: 'An equation, and something beside it.',
    missing: LINEAR,
    advice: 'Write the equation alone, as in solve 2*x+3=11.',
  });
}

export function numberTooLarge(digits: string): OutsideProblem {
  return outside('number-range', `${shortNumber(digits)} is too large.`, {
    understood: 'This looks like an equation.',
    missing: 'Numbers in equations go up to 999.',
    advice: `Use smaller numbers, as in solve 2*x+3=11, ${LARGER}.`,
  });
}

export function sideBySide(first: string, second: string): OutsideProblem {
  const [a, b] = [shortNumber(first), shortNumber(second)];
  return outside('operator-missing', `${a} and ${b} stand side by side without an operator.`, {
    understood: 'This looks like an equation.',
    missing: `An operator between ${a} and ${b}.`,
    advice: 'Write the operator, as in solve 2*x+3=11.',
  });
}

export function ambiguousProduct(name: string, number: string): OutsideProblem {
  const shown = shortNumber(number);
  return outside('ambiguous-product', `${name} ${shown} can mean two things.`, {
    understood: 'This looks like an equation.',
    missing: `Is ${name} the unknown before ${shown}, or a times sign?`,
    advice: `Write ${name}*${shown} for a product with the unknown, * alone for times.`,
  });
}

export function nonLinear(): OutsideProblem {
  return outside('non-linear', 'The equation is not linear.', {
    understood: 'An equation with one unknown.',
    missing: 'The unknown may not be multiplied by itself, be a divisor or carry an exponent.',
    advice: `Try a linear equation, as in solve 3*(x-4)=2*x+5, ${LARGER}.`,
  });
}

export function tooDeep(): OutsideProblem {
  return outside('too-deep', `Parentheses are nested deeper than ${MAX_DEPTH} levels.`, {
    understood: 'This looks like an equation.',
    missing: 'The small models practised with one level of parentheses.',
    advice: 'Leave out parentheses that change nothing, as in solve 3*(x-4)=2*x+5.',
  });
}

export function parentheses(): OutsideProblem {
  return outside('parentheses', 'The parentheses do not match.', {
    understood: 'This looks like an equation.',
    missing: 'Every opening parenthesis needs a closing one on the same side.',
    advice: 'Check the parentheses, as in solve 3*(x-4)=2*x+5.',
  });
}

export function incomplete(shown: string): OutsideProblem {
  return outside('syntax', 'The equation is not complete.', {
    understood: `The signs ${shown}.`,
    missing: 'Both sides need a number or the unknown, and every operator two operands.',
    advice: 'Check both sides, as in solve 2*x+3=11.',
  });
}
