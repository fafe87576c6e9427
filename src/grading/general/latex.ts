/**
 * LaTeX and Unicode mathematics to plain text that `mathjs` parses: `\frac{1}{2}` to
 * `((1)/(2))`, `\sqrt[3]{x}` to `nthRoot((x),(3))`. Total: what it does not know stays as a
 * word. Text in `\text{…}` comes out between ⟨ and ⟩, set braces as ⦃ ⦄, matrices as ⟦a&b;c&d⟧.
 */
import { bracedAt } from './extract.ts';
import { determinantOf } from './matrix.ts';

const MAX_NESTING = 40;

const SYMBOLS: Record<string, string> = {
  cdot: '*',
  times: '*',
  ast: '*',
  div: '/',
  pm: '±',
  mp: '∓',
  pi: 'pi',
  infty: 'inf',
  le: '≤',
  leq: '≤',
  leqslant: '≤',
  ge: '≥',
  geq: '≥',
  geqslant: '≥',
  lt: '<',
  gt: '>',
  ne: '≠',
  neq: '≠',
  in: '∈',
  cup: '∪',
  cap: '∩',
  setminus: '∖',
  backslash: '∖',
  land: '∧',
  wedge: '∧',
  lor: '∨',
  vee: '∨',
  to: '→',
  rightarrow: '→',
  degree: '°',
  circ: '°',
  lbrace: '⦃',
  rbrace: '⦄',
  '{': '⦃',
  '}': '⦄',
  '%': '%',
  $: '$',
  '\\': ';',
  '!': '',
  ',': ' ',
  ';': ' ',
  ':': ' ',
  ' ': ' ',
  quad: ' ',
  qquad: ' ',
  left: '',
  right: '',
  big: '',
  Big: '',
  bigl: '',
  bigr: '',
  Bigl: '',
  Bigr: '',
  displaystyle: '',
  textstyle: '',
  limits: '',
  colon: ':',
  ldots: '...',
  dots: '...',
  cdots: '...',
  emptyset: '⦃⦄',
  varnothing: '⦃⦄',
  lvert: '|',
  rvert: '|',
  vert: '|',
  mid: '|',
  prime: "'",
  approx: '≈',
  equiv: '=',
  lfloor: '⌊',
  rfloor: '⌋',
  lceil: '⌈',
  rceil: '⌉',
  langle: '(',
  rangle: ')',
};

const TEXT = new Set(
  'text textbf textit textrm texttt mbox mathrm mathbf mathit mathsf operatorname mathbb mathcal boldsymbol bm hbox rm hat vec'.split(
    ' ',
  ),
);
const FUNCTIONS = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp'.split(' '),
);
/** Names that mathjs gives another word. */
const MATHJS: Record<string, string> = {
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
  ln: 'log',
  log: 'log10',
};

const UNICODE: readonly (readonly [RegExp, string])[] = [
  [/[−–—]/g, '-'],
  [/[×·⋅∙∗]/g, '*'],
  [/[÷∕⁄]/g, '/'],
  [/π/g, ' pi '],
  [/∞/g, ' inf '],
  [/¢/g, '⟨cents⟩'],
  [/½/g, '((1)/(2))'],
  [/¼/g, '((1)/(4))'],
  [/¾/g, '((3)/(4))'],
  [/⅓/g, '((1)/(3))'],
  [/⅔/g, '((2)/(3))'],
  [/²/g, '^2'],
  [/³/g, '^3'],
  [/√\s*(\d+|[a-z])/gi, 'sqrt($1)'],
  [/√\s*(?=\()/g, 'sqrt'],
  [/[\u00a0\u2009\u202f]/g, ' '],
  [/[‘’]/g, "'"],
  [/º/g, '°'],
  [/^<([^<>]*,[^<>]*)>$/, '($1)'],
  [/^\](.*,.*)\[$/, '($1)'],
  [/(?<![a-z])oo(?![a-z])/g, ' inf '],
  [/\bsqrt\s+(\d+|[a-z])\b/g, 'sqrt($1)'],
];

/** Exponents that are no powers: 4^{th}, f'. */
const ORDINAL = /^(?:\\prime|'|th|st|nd|rd|\\text\{\s*(?:th|st|nd|rd)\s*\})$/;

export function plainMath(latex: string): string {
  let text = latex.replace(/^\s*\{(.*,.*)\}\s*$/s, '\\{$1\\}');
  for (const [pattern, plain] of UNICODE) text = text.replace(pattern, plain);
  text = text.replace(/(\d)(?:\{,\}|\\,)(?=\d{3})/g, '$1,').replace(/\\\$/g, '¤');
  text = text.replace(/\$|\\[()[\]]|~/g, (mark) => (mark === '~' ? ' ' : ''));
  text = text.replace(/¤/g, '\\$');
  return functionsOfBars(new Converter(text).all().replace(/\s+/g, ' ').trim());
}

/** |x|, ⌊x⌋ and ⌈x⌉ as calls. Bars that stand alone or hold nothing stay. */
function functionsOfBars(text: string): string {
  return text
    .replace(/\bdet\s*\(?\s*⟦([^⟦⟧]*)⟧\s*\)?/g, (all, body: string) => determinantOf(body) ?? all)
    .replace(/⌊([^⌊⌋⌈⌉]+)⌋/g, ' floor($1)')
    .replace(/⌈([^⌊⌋⌈⌉]+)⌉/g, ' ceil($1)')
    .replace(/\|([^|,;⦃⦄]+)\|/g, ' abs($1)')
    .trim();
}

class Converter {
  private at = 0;
  private out = '';

  constructor(
    private readonly text: string,
    private readonly nesting = 0,
  ) {}

  all(): string {
    while (this.at < this.text.length) this.piece();
    return this.out;
  }

  private nested(text: string): string {
    return this.nesting >= MAX_NESTING ? '' : new Converter(text, this.nesting + 1).all();
  }

  private piece(): void {
    const char = this.text[this.at];
    if (char === '\\') this.command();
    else if (char === '{') this.out += `(${this.nested(this.group())})`;
    else if (char === '^') this.power();
    else if (char === '_') this.subscript();
    else {
      this.at++;
      if (char !== '}') this.out += char;
    }
  }

  private command(): void {
    const name = /^\\([a-zA-Z]+|.)?/s.exec(this.text.slice(this.at))?.[1] ?? '';
    this.at += name.length + 1;
    if (/^[dtc]?frac$/.test(name)) this.fraction();
    else if (name === 'sqrt') this.root();
    else if (name === 'binom' || name === 'dbinom' || name === 'tbinom') {
      this.out += `combinations((${this.argument()}),(${this.argument()}))`;
    } else if (name === 'boxed' || name === 'fbox') this.out += this.argument();
    else if (name === 'begin') this.environment();
    else if (TEXT.has(name)) this.words(name);
    else if (FUNCTIONS.has(name)) this.application(name);
    else if (Object.hasOwn(SYMBOLS, name)) this.symbol(name);
    // Greek letters are symbols; anything else is a word that nothing is done with.
    else this.out += /^[a-zA-Z]+$/.test(name) ? ` ${name} ` : name;
  }

  private symbol(name: string): void {
    this.out += /^[a-z]+$/.test(SYMBOLS[name]) ? ` ${SYMBOLS[name]} ` : SYMBOLS[name];
    // "\right." and "\left." stand for no bracket at all.
    if ((name === 'left' || name === 'right') && this.text[this.at] === '.') this.at++;
  }

  /** The braced group at the cursor, or one sign or command; the cursor moves behind it. */
  private group(): string {
    while (this.text[this.at] === ' ') this.at++;
    if (this.text[this.at] === '{') {
      const inner = bracedAt(this.text, this.at);
      const content = inner ?? this.text.slice(this.at + 1);
      this.at += content.length + (inner === null ? 1 : 2);
      return content;
    }
    const single = /^(?:\\[a-zA-Z]+|\\.|.)/s.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += single.length;
    return single;
  }

  private argument(): string {
    return this.nested(this.group());
  }

  private fraction(): void {
    const [top, bottom] = [this.argument(), this.argument()];
    const whole = /(^|[^\w.^)])(\d+)\s*$/.exec(this.out);
    const mixed = whole !== null && /^\d+$/.test(top) && /^\d+$/.test(bottom);
    if (mixed) {
      // 2\frac{1}{2} is a mixed number, not a product.
      const before = this.out.slice(0, whole.index + whole[1].length);
      this.out = `${before}(${whole[2]}+(${top})/(${bottom}))`;
    } else {
      this.out += `((${top})/(${bottom}))`;
    }
  }

  private root(): void {
    const degree = /^\s*\[([^\]]*)\]/.exec(this.text.slice(this.at));
    if (degree !== null) this.at += degree[0].length;
    const inner = this.argument();
    this.out +=
      degree === null ? ` sqrt(${inner})` : ` nthRoot((${inner}),(${this.nested(degree[1])}))`;
  }

  private words(name: string): void {
    const content = this.group();
    const plain = content.trim();
    if (FUNCTIONS.has(plain)) this.application(plain);
    else if (name === 'mathbb' || plain.length <= 1 || /^[-\d.,]+$/.test(plain)) this.out += plain;
    else if (/[\\^]/.test(content)) this.out += this.nested(content);
    else this.out += `⟨${content}⟩`;
  }

  /** `\sin^2 x`, `\log_2 8`, `\ln(x+1)`. */
  private application(name: string): void {
    let base: string | null = null;
    let power: string | null = null;
    for (;;) {
      while (this.text[this.at] === ' ') this.at++;
      const mark = this.text[this.at];
      if (mark !== '_' && mark !== '^') break;
      this.at++;
      if (mark === '_') base = this.argument();
      else power = this.argument();
    }
    const inner = this.inRadians(this.operand());
    const call =
      base === null ? ` ${MATHJS[name] ?? name}(${inner})` : ` log((${inner}),(${base}))`;
    const inverse = power !== null && /^\(?-1\)?$/.test(power);
    if (inverse) this.out += ` a${name}(${inner})`;
    else this.out += power === null ? call : `(${call})^(${power})`;
  }

  /** sin 30° and sin(30°): degrees behind the operand or in it. */
  private inRadians(operand: string): string {
    const degrees = /^\s*(?:\^\s*(?:\{\s*\\circ\s*\}|\\circ)|°)/.exec(this.text.slice(this.at));
    if (degrees === null) return operand.replace(/(\d+(?:\.\d+)?)\s*°/g, '($1*pi/180)');
    this.at += degrees[0].length;
    return `(${operand})*pi/180`;
  }

  private operand(): string {
    const rest = this.text.slice(this.at);
    if (/^(?:\\left)?\(/.test(rest)) {
      this.at += rest.indexOf('(');
      let depth = 0;
      for (let i = this.at; i < this.text.length; i++) {
        if (this.text[i] === '(') depth++;
        if (this.text[i] === ')' && --depth === 0) {
          const inner = this.text.slice(this.at + 1, i).replace(/\\right$/, '');
          this.at = i + 1;
          return this.nested(inner);
        }
      }
    }
    const run = /^[\da-z.]+/i.exec(rest)?.[0];
    if (run !== undefined) {
      this.at += run.length;
      return this.nested(run);
    }
    // A command takes its own arguments: \sin\frac{\pi}{6}.
    const one = new Converter(rest, this.nesting + 1);
    if (rest.startsWith('\\') && this.nesting < MAX_NESTING) {
      one.piece();
      this.at += one.at;
      return one.out;
    }
    return this.argument();
  }

  private power(): void {
    this.at++;
    // Outside LaTeX people write 2^10, 2^-1 and 2^(n+1).
    const plain = /^\s*(-?\d+|(?=\())/.exec(this.text.slice(this.at));
    if (plain !== null) {
      this.at += plain[0].length;
      this.out += plain[1] === '' ? '^' : `^(${plain[1]})`;
      return;
    }
    const group = this.group();
    if (/^\\(?:circ|degree)$|^°$/.test(group.trim())) this.out += '°';
    else if (!ORDINAL.test(group.trim())) this.out += `^(${this.nested(group)})`;
  }

  private subscript(): void {
    this.at++;
    const group = this.nested(this.group()).replace(/[⟨⟩\s]/g, '');
    this.out += /^\w+$/.test(group) ? `_${group}` : '';
  }

  private environment(): void {
    const name = this.group();
    const end = `\\end{${name}}`;
    const stop = this.text.indexOf(end, this.at);
    const body = stop < 0 ? this.text.slice(this.at) : this.text.slice(this.at, stop);
    this.at = stop < 0 ? this.text.length : stop + end.length;
    const cells = this.nested(body.replace(/^\{[^}]*\}/, ''));
    // Bars around a table ask for its determinant.
    const determinant = name === 'vmatrix' ? determinantOf(cells) : null;
    this.out += determinant ?? (/matrix$|^array$/.test(name) ? `⟦${cells}⟧` : cells);
  }
}
