/** Reads an arithmetic expression out of ordinary wording and notation. */
import type { OutsideProblem, Understanding, Warning } from '../family.ts';
import {
  countOperations,
  isOperator,
  leavesOf,
  MAX_DEPTH,
  parseTree,
  prettyMath,
  printTree,
  type Tree,
} from '../expression.ts';
import { listOf, outside, shortNumber, unknownWords } from '../text/outside.ts';
import { isSign, joinThousands, signToken, tokenize, type Token } from '../text/tokens.ts';
import { isFiller } from '../text/vocabulary.ts';
import { explainFault } from './fault.ts';
import { MAXIMUM, MOST_OPERATIONS, printArithmetic, valueOf } from './rules.ts';

const WORD_OPERATORS: Record<string, string> = {
  plus: '+',
  add: '+',
  minus: '-',
  times: '*',
  over: '/',
};
const UNDERSTOOD = 'An arithmetic expression.';
/** Largest number and longest expression that the models practised. */
const PRACTISED = { leaf: 999, length: 60 };

export function readArithmetic(text: string): Understanding | null {
  const warnings: Warning[] = [];
  const tokens = trimmed(operatorsFromWords(joinThousands(tokenize(text)), warnings));
  if (!hasOperation(tokens)) return loneNumber(tokens);
  const words = tokens.filter(({ kind, text: word }) => kind === 'word' && !isFiller(word));
  if (words.length > 0)
    return unknownWords(
      words.map(({ text: word }) => word),
      null,
    );
  const math = tokens.filter(({ kind }) => kind !== 'word');
  const trouble = syntaxTrouble(math);
  if (trouble !== null) return trouble;
  const written = withProducts(math);
  const tree = parseTree(written.join(''));
  if (tree === null) return syntaxError(written.join(''));
  return typeof tree === 'number' ? nothingToCompute(String(tree)) : judge(tree, warnings);
}

/** `x` between numbers, `multiplied by`, `plus` … as signs. */
function operatorsFromWords(tokens: readonly Token[], warnings: Warning[]): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    const next = tokens[i + 1];
    if (kind !== 'word') {
      out.push(tokens[i]);
    } else if ((text === 'multiplied' || text === 'divided') && next?.text === 'by') {
      out.push(signToken(text === 'multiplied' ? '*' : '/'));
      i++;
    } else if (Object.hasOwn(WORD_OPERATORS, text) && endsOperand(tokens[i - 1])) {
      out.push(signToken(WORD_OPERATORS[text]));
    } else if (text === 'x' && endsOperand(tokens[i - 1]) && startsOperand(next)) {
      out.push(signToken('*'));
      if (!warnings.some(({ code }) => code === 'x-as-times')) {
        warnings.push({ code: 'x-as-times', text: 'The letter x was read as a times sign.' });
      }
    } else {
      out.push(tokens[i]);
    }
  }
  return out;
}

const endsOperand = (token: Token | undefined) =>
  token !== undefined && (token.kind === 'number' || isSign(token, ')') || isSign(token, ']'));
const startsOperand = (token: Token | undefined) =>
  token !== undefined && (token.kind === 'number' || isSign(token, '(') || isSign(token, '['));

/** Without what only frames the expression: quotes, a lead-in colon, a trailing "= ?" or dot. */
function trimmed(tokens: readonly Token[]): Token[] {
  const kept = tokens.filter(({ text }) => !['"', '?'].includes(text));
  let end = kept.length;
  while (end > 0 && isFrame(kept, end - 1)) end--;
  let start = 0;
  while (start < end && (isFillerToken(kept[start]) || isSign(kept[start], ':'))) start++;
  return kept.slice(start, end);
}

function isFrame(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (isFillerToken(token) || /^(?:equals?|_+)$/.test(token.text)) return true;
  // 4! is a factorial, "(3+4) !" or "3+4 !" is not.
  if (isSign(token, '!')) return token.spaced || tokens[at - 1]?.kind === 'word';
  return ['=', '.', ',', ';', ':', '→', '...'].some((sign) => isSign(token, sign));
}

const isFillerToken = ({ kind, text }: Token) => kind === 'word' && isFiller(text);

function hasOperation(tokens: readonly Token[]): boolean {
  const numbers = tokens.filter(({ kind }) => kind === 'number').length;
  const joined = tokens.some(
    (token, i) =>
      (token.kind === 'sign' && /^([-+*/^!%]|\*\*)$/.test(token.text)) ||
      (isSign(token, '(') && endsOperand(tokens[i - 1])),
  );
  return joined && numbers > 0;
}

/** "compute 5" or "24": read, but there is nothing to do. */
function loneNumber(tokens: readonly Token[]): OutsideProblem | null {
  const [only] = tokens.filter(({ text }) => text !== '(' && text !== ')');
  const lone = tokens.filter(({ kind }) => kind === 'number').length === 1;
  const rest = tokens.every(({ kind, text }) => kind === 'number' || text === '(' || text === ')');
  return lone && rest ? nothingToCompute(only.text) : null;
}

function nothingToCompute(number: string): OutsideProblem {
  const shown = shortNumber(number);
  return outside('nothing-to-compute', `${shown} is a number by itself: there is nothing to do.`, {
    understood: `The number ${shown}.`,
    missing: 'An operation is missing, or the numbers to reach it with.',
    advice: `Write an expression, as in compute 3*(4+5), or a countdown, as in make 24: 4 6 7 8.`,
  });
}

/** Signs and orders that have no meaning here, named one by one. */
function syntaxTrouble(tokens: readonly Token[]): OutsideProblem | null {
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (/^[([{]$/.test(token.text)) depth++;
    if (/^[)\]}]$/.test(token.text)) depth--;
    if (depth < 0) return parentheses('A parenthesis is closed that was never opened.');
    if (depth > MAX_DEPTH) return tooDeep();
    const trouble = tokenTrouble(token, tokens[i - 1], tokens[i + 1]);
    if (trouble !== null) return trouble;
  }
  return depth === 0 ? null : parentheses('A parenthesis is opened and never closed.');
}

function tokenTrouble(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
): OutsideProblem | null {
  if (token.kind === 'number') {
    if (before?.kind === 'number') return sideBySide(before, token);
    return token.value > MAXIMUM ? numberTooLarge(token) : null;
  }
  switch (token.text) {
    case '=':
    case '→':
      return outside('nothing-to-find', 'Both sides of the equals sign are known.', {
        understood: UNDERSTOOD,
        missing: 'There is no unknown to find, and the models do not judge statements.',
        advice:
          'Write one side only, as in compute 3*4, or an equation with x, as in solve 3*x=12.',
      });
    case '!':
      return outside('factorial', 'Factorials are not among the operations.', {
        understood: UNDERSTOOD,
        missing: 'The small models know + − × ÷ and parentheses.',
        advice: 'Write the product out, as in compute 2*3*4.',
      });
    case ',':
      return outside('decimal', 'A comma between numbers is not clear.', {
        understood: UNDERSTOOD,
        missing: 'Decimals are not possible, and thousands have three digits after each comma.',
        advice: 'Use whole numbers, as in compute 1234+5.',
      });
    case '-':
      if (endsOperand(before) || !startsOperand(after)) return null;
      return outside('negative', 'Numbers with a minus sign are not possible in arithmetic.', {
        understood: UNDERSTOOD,
        missing: `All numbers and results lie between 0 and ${MAXIMUM}.`,
        advice: 'Subtract instead, as in compute 8-3; equations may hold negative numbers.',
      });
    default:
      return /^[-+*/()[\]{}]$/.test(token.text) ? null : badSign(token.text);
  }
}

function badSign(sign: string): OutsideProblem {
  return outside('unknown-symbols', `The sign “${sign}” has no meaning in an expression here.`, {
    understood: UNDERSTOOD,
    missing: 'The small models know + − × ÷ and parentheses.',
    advice: 'Write an expression like compute 3*(4+5).',
  });
}

function sideBySide(first: Token, second: Token): OutsideProblem {
  const [a, b] = [shortNumber(first.text), shortNumber(second.text)];
  return outside('operator-missing', `${a} and ${b} stand side by side without an operator.`, {
    understood: UNDERSTOOD,
    missing: `An operator between ${a} and ${b}, or the target if this is a countdown problem.`,
    advice: `Write, for example, compute ${a}+${b}, or a countdown like make 24: 4 6 7 8.`,
  });
}

function numberTooLarge(token: Token): OutsideProblem {
  return outside('number-range', `${shortNumber(token.text)} is too large.`, {
    understood: UNDERSTOOD,
    missing: `Numbers and results go from 0 to ${MAXIMUM}.`,
    advice: `Use numbers up to ${MAXIMUM}, as in compute 9999-4321.`,
  });
}

function parentheses(message: string): OutsideProblem {
  return outside('parentheses', message, {
    understood: UNDERSTOOD,
    missing: 'Every opening parenthesis needs a closing one.',
    advice: 'Check the parentheses, as in compute 3*(4+5).',
  });
}

function tooDeep(): OutsideProblem {
  return outside('too-deep', `Parentheses are nested deeper than ${MAX_DEPTH} levels.`, {
    understood: UNDERSTOOD,
    missing: `The small models practised with up to ${MOST_OPERATIONS} operations.`,
    advice: 'Leave out parentheses that change nothing.',
  });
}

function syntaxError(written: string): OutsideProblem {
  const shown = written.length > 60 ? `${written.slice(0, 60)}…` : written;
  return outside('syntax', 'The expression is not complete.', {
    understood: `The signs ${shown}.`,
    missing: 'Every operator needs a number or a parenthesis on both sides.',
    advice: 'Check the operators, as in compute 3*(4+5).',
  });
}

/** Texts of the tokens, with the products that stand unwritten: `2(3+4)`, `(1+2)(3+4)`. */
function withProducts(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, i) => {
    const text = token.text.replace(/[[{]/, '(').replace(/[\]}]/, ')');
    const before = tokens[i - 1];
    // A plus that is only a sign says nothing.
    if (text === '+' && !endsOperand(before)) return [];
    const product =
      endsOperand(before) && (text === '(' || (token.kind === 'number' && !isOperator(text)));
    return product ? ['*', text] : [text];
  });
}

function judge(typed: Tree, warnings: Warning[]): Understanding {
  const tree = parseTree(printTree(typed)) ?? typed;
  const expression = printTree(tree);
  const count = countOperations(tree);
  if (count > MOST_OPERATIONS) {
    return outside('operation-count', `${count} operations are too many.`, {
      understood: `An expression of ${count} operations.`,
      missing: `The small models practised with up to ${MOST_OPERATIONS} operations.`,
      advice: `Shorten it to ${MOST_OPERATIONS} operations, or compute parts of it by themselves.`,
    });
  }
  if (valueOf(tree) === null) return explainFault(tree);
  const large = leavesOf(tree).filter((leaf) => leaf > PRACTISED.leaf);
  if (large.length > 0 || expression.length > PRACTISED.length) {
    const cause =
      large.length > 0 ? `Numbers like ${listOf(large.slice(0, 3))}` : 'Expressions this long';
    warnings.push({
      code: 'beyond-practice',
      text: `${cause} are rarer than what the small models practised: expect more mistakes.`,
    });
  }
  return {
    kind: 'problem',
    family: 'arithmetic',
    level: String(count),
    prompt: printArithmetic(tree),
    shown: `Arithmetic: compute ${prettyMath(expression)}.`,
    warnings,
  };
}
