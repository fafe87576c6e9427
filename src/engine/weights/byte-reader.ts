import { corruptModel } from './model-errors.ts';

/** Reads exact counts of bytes from pieces of any size. */
export class ByteReader {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** Bytes handed out so far. */
  position = 0;

  constructor(
    chunks: AsyncIterable<Uint8Array>,
    private readonly file: string,
  ) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes in fresh memory. Throws `model-corrupt` when the stream ends before. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (!(await this.ensurePiece())) {
        throw corruptModel(`${this.file} ends after ${this.position + filled} bytes.`);
      }
      const take = Math.min(length - filled, this.piece.length - this.at);
      out.set(this.piece.subarray(this.at, this.at + take), filled);
      this.at += take;
      filled += take;
    }
    this.position += length;
    return out;
  }

  /** Throws `model-corrupt` unless the stream ends here; also lets the source check its sum. */
  async expectEnd(): Promise<void> {
    if (await this.ensurePiece()) {
      throw corruptModel(`${this.file} goes on after its ${this.position} bytes of content.`);
    }
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  private async ensurePiece(): Promise<boolean> {
    while (this.at >= this.piece.length) {
      const next = await this.iterator.next();
      if (next.done === true) return false;
      this.piece = next.value;
      this.at = 0;
    }
    return true;
  }
}
