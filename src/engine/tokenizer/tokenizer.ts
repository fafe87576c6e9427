import { AppError } from '../../shared/errors.ts';
import { parseTokenizerFile, type TokenizerFile } from './tokenizer-file.ts';

/** Text to token ids and back, equal to Python's `tokenizers` on the files it accepts. */
export class Tokenizer {
  readonly size: number;
  private readonly idOfText: ReadonlyMap<string, number>;
  private readonly textOfId: readonly (string | undefined)[];
  /** Longest first, so that the longest special token at a place wins. */
  private readonly special: readonly { readonly content: string; readonly id: number }[];
  private readonly specialIds: ReadonlySet<number>;
  private readonly unknownId: number | undefined;
  private readonly before: readonly number[];
  private readonly after: readonly number[];

  /** Takes the parsed JSON of a `tokenizer.json`. Throws AppError `model-unsupported`. */
  static fromJson(json: unknown): Tokenizer {
    return new Tokenizer(parseTokenizerFile(json));
  }

  private constructor(file: TokenizerFile) {
    const ids = new Map(Object.entries(file.model.vocab));
    for (const token of file.added_tokens) ids.set(token.content, token.id);
    const texts: (string | undefined)[] = [];
    for (const [text, id] of ids) texts[id] = text;
    this.idOfText = ids;
    this.textOfId = texts;
    this.size = texts.length;
    this.special = [...file.added_tokens].sort((a, b) => b.content.length - a.content.length);
    this.specialIds = new Set(file.added_tokens.map((token) => token.id));
    const unknown = file.model.unk_token;
    this.unknownId = unknown === null || unknown === undefined ? undefined : ids.get(unknown);
    [this.before, this.after] = readTemplate(file);
  }

  /** With what the post-processor adds, such as `<bos>` in front. */
  encode(text: string): number[] {
    return [...this.before, ...this.encodeBare(text), ...this.after];
  }

  /** The text alone. Special tokens written out in the text become their ids; characters outside
   * the vocabulary become `<unk>`, or nothing where the file has no such token. */
  encodeBare(text: string): number[] {
    const tokens: number[] = [];
    let at = 0;
    while (at < text.length) {
      const special = this.special.find((token) => text.startsWith(token.content, at));
      if (special) {
        tokens.push(special.id);
        at += special.content.length;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      const id = this.idOfText.get(character) ?? this.unknownId;
      if (id !== undefined) tokens.push(id);
      at += character.length;
    }
    return tokens;
  }

  /** The text of the tokens; special tokens (`<bos>`, `<eos>`, …) are left out. */
  decode(tokens: Iterable<number>): string {
    let text = '';
    for (const id of tokens) {
      if (!this.specialIds.has(id)) text += this.textOfId[id] ?? '';
    }
    return text;
  }

  /** As `decode`, with special tokens written out. `encodeBare` reads it back to the same ids. */
  spell(tokens: Iterable<number>): string {
    let text = '';
    for (const id of tokens) text += this.textOfId[id] ?? '';
    return text;
  }

  /** The id of a token by its exact text, such as `<eos>` or a line feed. */
  idOf(token: string): number | undefined {
    return this.idOfText.get(token);
  }

  /** As `idOf`; throws AppError `model-unsupported` when the vocabulary lacks the token. */
  requireId(token: string): number {
    const id = this.idOfText.get(token);
    if (id !== undefined) return id;
    throw new AppError(
      'model-unsupported',
      `The vocabulary has no token ${JSON.stringify(token)}.`,
      { advice: 'Choose one of the shipped models, or one trained in the same text format.' },
    );
  }
}

function readTemplate(file: TokenizerFile): [number[], number[]] {
  const before: number[] = [];
  const after: number[] = [];
  let target = before;
  for (const piece of file.post_processor?.single ?? []) {
    if ('Sequence' in piece) target = after;
    else target.push(...(file.post_processor?.special_tokens[piece.SpecialToken.id]?.ids ?? []));
  }
  return [before, after];
}
