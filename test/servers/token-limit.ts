/**
 * Stands before a server and lets it write so many tokens a completion at most: a page leaves a model as
 * much room as a large one needs, and a slow machine would write for minutes. Everything else goes through
 * as it is. Node only.
 */
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenLimit {
  /** Without `/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

export async function limitTokens(target: string, mostTokens: number): Promise<TokenLimit> {
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const sent = limited(body, mostTokens);
      const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(sent)) };
      const outgoing = ask(new URL(incoming.url ?? '/', target), {
        method: incoming.method,
        headers,
      });
      outgoing.on('response', (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      // Whoever hangs up must not leave the model writing.
      response.on('close', () => outgoing.destroy());
      outgoing.end(sent);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return text;
}

function limited(body: string, mostTokens: number): string {
  if (!body.includes('"max_tokens"')) return body;
  const json = JSON.parse(body) as { max_tokens: number };
  return JSON.stringify({ ...json, max_tokens: Math.min(json.max_tokens, mostTokens) });
}
