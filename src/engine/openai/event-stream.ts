/** Server-sent events, the part of them that completion servers use: `data:` lines. */

/** The payloads of a stream in order. Ends when the body ends; a last event without its blank line
 * is handed out as well, and whoever reads it decides whether it is whole. `onOther` gets the lines
 * that are no part of an event stream. */
export async function* readEventData(
  chunks: AsyncIterable<Uint8Array>,
  onOther: (line: string) => void = () => {},
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  let data: string[] = [];
  const take = function* (line: string): Generator<string> {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(5).replace(/^ /, ''));
    } else if (!/^(:|event:|id:|retry:)/.test(line)) {
      onOther(line);
    }
  };
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line break.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop() ?? '';
    for (const line of lines) yield* take(line);
  }
  text += decoder.decode();
  if (text !== '') yield* take(text.replace(/\r$/, ''));
  yield* take('');
}
