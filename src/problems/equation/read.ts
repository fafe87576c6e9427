/** Reads a linear equation out of ordinary wording and notation. */
import type { OutsideProblem, Understanding, Warning } from '../family.ts';
import { outside, shortNumber, unknownWords } from '../text/outside.ts';
import { isSign, joinThousands, signToken, tokenize, type Token } from '../text/tokens.ts';
import { isFiller } from '../text/vocabulary.ts';
import { judgeEquation } from './judge.ts';
import { parseTokens, type Node, type SyntaxTrouble } from './syntax.ts';
import * as say from './wording.ts';

const WORD_SIGNS: Record<string, string> = { plus: '+', minus: '-', times: '*', equals: '=' };
const BREAKS = new Set([',', ';', ':', '.', '?', '"', '...', '→']);
/** Largest number that may be typed; larger ones do not fit anywhere in the family. */
const LARGEST_TYPED = 9999;

export function readEquation(text: string): Understanding | null {
  const signed = joinThousands(tokenize(text)).map((token) =>
    token.kind === 'word' && Object.hasOwn(WORD_SIGNS, token.text)
      ? signToken(WORD_SIGNS[token.text])
      : token,
  );
  const tokens = signed.map((token, i) => (isBlank(signed, i) ? BLANK : token));
  const relation = hasRelation(tokens);
  const isUnknown = (i: number) => isVariable(tokens, i) && (relation || !isTimes(tokens, i));
  const unknowns = tokens.filter((_, i) => isUnknown(i)).map((token) => token.text);
  if (unknowns.length === 0) return null;
  const words = tokens.filter(
    ({ kind, text: word }, i) =>
      kind === 'word' && !isUnknown(i) && !isFiller(word) && !unknowns.includes(word),
  );
  if (words.length > 0)
    return unknownWords(
      words.map((token) => token.text),
      null,
    );
  const names = [...new Set(unknowns)];
  if (names.length > 1) return say.severalUnknowns(names);
  const clauses = clausesOf(tokens, (i) => isUnknown(i));
  return readClauses(clauses, names[0]);
}

/** Stands for a blank; no typed word holds spaces. */
const BLANK: Token = { kind: 'word', text: ' ', raw: '_', value: NaN, spaced: true };

/** `12 + ? = 20`, `_ - 3 = 5`: an open place within the mathematics, not at its end. */
function isBlank(tokens: readonly Token[], i: number): boolean {
  if (!/^[?_]$/.test(tokens[i].text)) return false;
  const [before, after] = [tokens[i - 1], tokens[i + 1]];
  const operator = (token: Token | undefined) => /^[-+*/]$/.test(token?.text ?? '');
  return (
    operator(after) ||
    (operator(before) && isSign(after, '=')) ||
    (operator(before) && after === undefined)
  );
}

/** A letter by itself beside mathematics. */
function isVariable(tokens: readonly Token[], i: number): boolean {
  const { kind, text } = tokens[i];
  if (kind !== 'word' || [...text].length !== 1) return false;
  return [tokens[i - 1], tokens[i + 1]].some(
    (token) =>
      token?.kind === 'number' ||
      (token?.kind === 'sign' && /^([-+*/=^()[\]{}]|\*\*)$/.test(token.text)),
  );
}

/** `3 x 4`, `2x(3+4)`: a times sign where there is no equation. */
function isTimes(tokens: readonly Token[], i: number): boolean {
  const [before, after] = [tokens[i - 1], tokens[i + 1]];
  const ends = before?.kind === 'number' || isSign(before, ')') || isSign(before, ']');
  const starts = after?.kind === 'number' || isSign(after, '(') || isSign(after, '[');
  return tokens[i].text === 'x' && ends && starts;
}

/** An equals sign with something to compare on its right. */
function hasRelation(tokens: readonly Token[]): boolean {
  return tokens.some((token, i) => {
    const next = tokens[i + 1];
    return isSign(token, '=') && next !== undefined && !BREAKS.has(next.text);
  });
}

/** Runs of mathematics between words and punctuation. */
function clausesOf(tokens: readonly Token[], isUnknown: (i: number) => boolean): Token[][] {
  const clauses: Token[][] = [[]];
  for (const [i, token] of tokens.entries()) {
    const breaks = token.kind === 'word' ? !isUnknown(i) : BREAKS.has(token.text);
    if (breaks) clauses.push([]);
    else clauses[clauses.length - 1].push(token);
  }
  return clauses.filter((clause) => clause.length > 0);
}

function readClauses(clauses: readonly Token[][], name: string): Understanding {
  const isQuestion = (clause: readonly Token[]) =>
    clause[0].text === name &&
    (clause.length === 1 || (clause.length === 2 && isSign(clause[1], '=')));
  const claims = clauses.filter((clause) => !isQuestion(clause));
  const equations = claims.filter((clause) => clause.some((token) => isSign(token, '=')));
  if (equations.length > 1) return say.severalEquations();
  const [first] = equations;
  const open =
    first === undefined || [first[0], first[first.length - 1]].some((t) => isSign(t, '='));
  if (open) return say.equalsMissing(claims[0] ?? []);
  if (claims.length > 1) return say.strayParts(claims.filter((clause) => clause !== first));
  return readSides(first, name);
}

function readSides(tokens: readonly Token[], name: string): Understanding {
  const trouble = tokens.map((_, i) => tokenTrouble(tokens, i, name)).find((t) => t !== null);
  if (trouble !== undefined) return trouble;
  const texts = tokens.map(({ text }) => sameBrackets(text === name ? 'x' : text));
  const at = texts.indexOf('=');
  if (texts.indexOf('=', at + 1) >= 0) return say.severalEquations();
  const left = parseTokens(texts.slice(0, at));
  const right = parseTokens(texts.slice(at + 1));
  if (typeof left === 'string') return syntaxTrouble(left, texts);
  if (typeof right === 'string') return syntaxTrouble(right, texts);
  const warnings: Warning[] = [];
  if (name !== 'x') {
    const what = name === BLANK.text ? 'blank' : `unknown ${name}`;
    warnings.push({ code: 'renamed', text: `The ${what} is called x here.` });
  }
  return finish(left, right, texts, warnings);
}

function finish(
  left: Node,
  right: Node,
  texts: readonly string[],
  warnings: Warning[],
): Understanding {
  const typed = texts
    .map(
      (text, i) =>
        (i > 0 && /[x)\d]$/.test(texts[i - 1]) && /^[x(\d]/.test(text) ? '*' : '') + text,
    )
    .join('');
  return judgeEquation(left, right, typed, warnings);
}

const sameBrackets = (text: string) => text.replace(/[[{]/, '(').replace(/[\]}]/, ')');

function tokenTrouble(tokens: readonly Token[], i: number, name: string): OutsideProblem | null {
  const [token, next] = [tokens[i], tokens[i + 1]];
  if (token.kind === 'number') {
    if (token.value > LARGEST_TYPED) return say.numberTooLarge(token.text);
    return next?.kind === 'number' ? say.sideBySide(token.text, next.text) : null;
  }
  if (token.text === name) {
    if (next?.kind === 'number') return say.ambiguousProduct(name, next.text);
    return next?.text === name ? say.nonLinear() : null;
  }
  if (token.text === '^' || token.text === '**') return say.nonLinear();
  if (/^[-+*/=()[\]{}]$/.test(token.text)) return null;
  return outside(
    'unknown-symbols',
    `The sign “${token.text}” has no meaning in an equation here.`,
    {
      missing: 'The small models know + − × ÷, parentheses and one equals sign.',
      advice: 'Write an equation like solve 2*x+3=11.',
    },
  );
}

function syntaxTrouble(trouble: SyntaxTrouble, texts: readonly string[]): OutsideProblem {
  const shown = shortNumber(texts.join(''));
  if (trouble === 'too-deep') return say.tooDeep();
  return trouble === 'parentheses' ? say.parentheses() : say.incomplete(shown);
}
