/**
 * Long addresses, compressed. The compressor is loaded only when a link needs it, so the first load
 * stays small and these functions are asynchronous.
 */

/** Above this many characters an address is compressed. */
const LONG_HASH = 700;
/** A compressed hash that unpacks to more is refused before it fills the memory. */
const MAX_UNPACKED = 65_536;

/** `#/page?fields`, or `#/page?z=…` when that is long. */
export async function compressHash(hash: string): Promise<string> {
  const cut = hash.indexOf('?');
  if (hash.length <= LONG_HASH || cut === -1) return hash;
  const { deflateSync, strToU8 } = await import('fflate');
  const packed = deflateSync(strToU8(hash.slice(cut + 1)), { level: 9 });
  return `${hash.slice(0, cut)}?z=${toBase64Url(packed)}`;
}

/** The inverse. A hash that is not compressed, or is damaged, comes back as it is. Never throws. */
export async function expandHash(hash: string): Promise<string> {
  const match = /^([^?]*)\?z=([\w-]+)$/.exec(hash);
  if (match === null) return hash;
  try {
    const binary = atob(match[2].replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return `${match[1]}?${await inflateLimited(bytes)}`;
  } catch {
    return hash;
  }
}

/** Throws when the data are damaged, cut off or unpack to too much. */
async function inflateLimited(bytes: Uint8Array): Promise<string> {
  const { Inflate, strFromU8 } = await import('fflate');
  const parts: string[] = [];
  let length = 0;
  let complete = false;
  const inflate = new Inflate((part, final) => {
    length += part.length;
    if (length > MAX_UNPACKED) throw new RangeError('unpacks to too much');
    // Packed text is percent-encoded, so every byte is a character of its own.
    parts.push(strFromU8(part, true));
    complete ||= final;
  });
  // Small pieces, so that a bomb is noticed before it has unfolded.
  for (let at = 0; at < bytes.length; at += 1024) {
    inflate.push(bytes.subarray(at, at + 1024), at + 1024 >= bytes.length);
  }
  if (!complete) throw new RangeError('cut off');
  return parts.join('');
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
