/**
 * MD5 (RFC 1321), incremental: the checksum that MLC writes beside its weights. It finds damaged
 * files; against an attacker it proves nothing.
 */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, i) =>
  Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296),
);
const BLOCK = 64;

export class Md5 {
  private readonly state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  private readonly rest = new Uint8Array(BLOCK);
  private restLength = 0;
  private length = 0;

  update(bytes: Uint8Array): void {
    this.length += bytes.length;
    let at = 0;
    if (this.restLength > 0) {
      const taken = Math.min(BLOCK - this.restLength, bytes.length);
      this.rest.set(bytes.subarray(0, taken), this.restLength);
      this.restLength += taken;
      at = taken;
      if (this.restLength < BLOCK) return;
      this.block(this.rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.restLength = bytes.length - at;
  }

  /** Ends the sum; the object is used up. */
  hex(): string {
    const bits = this.length * 8;
    const padding = new Uint8Array(((119 - (this.length % BLOCK)) % BLOCK) + 1 + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, bits >>> 0, true);
    view.setUint32(padding.length - 4, Math.floor(bits / 4294967296), true);
    this.update(padding);
    const out = new DataView(new ArrayBuffer(16));
    this.state.forEach((word, i) => out.setInt32(4 * i, word, true));
    return Array.from({ length: 16 }, (_, i) => out.getUint8(i).toString(16).padStart(2, '0')).join(
      '',
    );
  }

  private block(bytes: Uint8Array, at: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, BLOCK);
    let [a, b, c, d] = this.state;
    for (let i = 0; i < BLOCK; i++) {
      const round = i >> 4;
      const [mixed, word] = mix(round, i, b, c, d);
      const sum = (a + mixed + SINES[i] + view.getInt32(4 * word, true)) | 0;
      const shift = SHIFTS[4 * round + (i & 3)];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    this.state[0] += a;
    this.state[1] += b;
    this.state[2] += c;
    this.state[3] += d;
  }
}

function mix(round: number, i: number, b: number, c: number, d: number): [number, number] {
  switch (round) {
    case 0:
      return [(b & c) | (~b & d), i];
    case 1:
      return [(d & b) | (~d & c), (5 * i + 1) & 15];
    case 2:
      return [b ^ c ^ d, (3 * i + 5) & 15];
    default:
      return [c ^ (b | ~d), (7 * i) & 15];
  }
}
