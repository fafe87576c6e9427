/**
 * A reply or a stream of events, put together into whole completions. A stream that ends before
 * every choice has said why it stopped was cut, whatever the connection says.
 */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { readEventData } from './event-stream.ts';
import { cutOff, garbled } from './faults.ts';
import {
  completionReply,
  errorReply,
  messageOf,
  tokenLogProbs,
  type CompletionReply,
  type RawChoice,
  type RawUsage,
  type TokenLogProb,
} from './replies.ts';

export interface Choice {
  readonly text: string;
  readonly finishReason: string;
  /** The stop string or token that the server names; null: it names none, so the turn ended;
   * undefined: this server does not say. */
  readonly stoppedBy: string | number | null | undefined;
  readonly logProbs: readonly TokenLogProb[] | null;
}

export interface RawCompletion {
  readonly choices: readonly Choice[];
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Over all choices; counted from the pieces where the server does not report it. */
  readonly sampledTokens: number;
  readonly reportsUsage: boolean;
  /** It came as a stream of events. */
  readonly streamed: boolean;
}

interface Draft {
  text: string;
  finishReason: string | null;
  stoppedBy: string | number | null | undefined;
  logProbs: TokenLogProb[] | null;
  /** Events with text: about one a token. */
  events: number;
}

export function collectReply(
  reply: CompletionReply,
  expected: number,
  endpoint: Endpoint,
): RawCompletion {
  const collector = new Collector(endpoint);
  collector.add(reply);
  return collector.finish(expected);
}

export async function collectStream(
  bytes: AsyncIterable<Uint8Array>,
  expected: number,
  endpoint: Endpoint,
): Promise<RawCompletion> {
  const collector = new Collector(endpoint);
  const other: string[] = [];
  for await (const data of readEventData(bytes, (line) => other.push(line))) {
    if (data === '[DONE]') break;
    collector.addText(data);
  }
  // Not one event: a server that ignores `stream` sent a whole reply, or it is no such server.
  if (collector.replies === 0 && other.length > 0) {
    collector.addWhole(other.join('\n'));
    return { ...collector.finish(expected), streamed: false };
  }
  return { ...collector.finish(expected), streamed: true };
}

class Collector {
  private readonly drafts: Draft[] = [];
  private usage: RawUsage | null = null;
  replies = 0;

  constructor(private readonly endpoint: Endpoint) {}

  /** One event. */
  addText(data: string): void {
    const json = parse(data);
    if (json === undefined) {
      const { host } = this.endpoint;
      const seen = this.endpoint.redact(data);
      // Half of an event at the end of the stream is a cut, not nonsense.
      throw data.startsWith('{') ? cutOff(host, seen.slice(0, 200)) : garbled(host, seen);
    }
    this.addUnknown(json);
  }

  addWhole(text: string): void {
    const json = parse(text);
    if (json === undefined) throw garbled(this.endpoint.host, this.endpoint.redact(text));
    this.addUnknown(json);
  }

  private addUnknown(json: unknown): void {
    const failure = z.safeParse(errorReply, json);
    if (failure.success) throw this.reported(messageOf(failure.data));
    const parsed = z.safeParse(completionReply, json);
    if (!parsed.success) throw garbled(this.endpoint.host, z.prettifyError(parsed.error));
    this.add(parsed.data);
  }

  add(reply: CompletionReply): void {
    this.replies++;
    for (const choice of reply.choices) this.addChoice(choice);
    // Some servers report usage with every event; the last one counts.
    if (reply.usage) this.usage = reply.usage;
  }

  finish(expected: number): RawCompletion {
    const { host } = this.endpoint;
    if (this.replies === 0) throw cutOff(host, 'the answer was empty');
    // The caller checks how many choices came; a hole in their numbering is a cut stream.
    const choices = Array.from({ length: Math.max(1, this.drafts.length) }, (_, i) => {
      const draft = this.drafts[i] as Draft | undefined;
      if (draft === undefined || draft.finishReason === null || draft.finishReason === 'abort') {
        throw cutOff(host, `completion ${i + 1} of ${expected} has no end`);
      }
      return { ...draft, finishReason: draft.finishReason };
    });
    const counted = choices.reduce(
      (sum, { logProbs, events }) => sum + (logProbs === null ? events : logProbs.length),
      0,
    );
    const { usage } = this;
    return {
      choices,
      promptTokens: usage?.prompt_tokens ?? 0,
      cachedTokens: Math.min(
        usage?.prompt_tokens_details?.cached_tokens ?? 0,
        usage?.prompt_tokens ?? 0,
      ),
      sampledTokens: usage?.completion_tokens ?? counted,
      reportsUsage: usage !== null,
      streamed: false,
    };
  }

  private addChoice(choice: RawChoice): void {
    const index = choice.index ?? 0;
    const draft = (this.drafts[index] ??= {
      text: '',
      finishReason: null,
      stoppedBy: undefined,
      logProbs: null,
      events: 0,
    });
    const text = choice.text ?? '';
    draft.text += text;
    if (text !== '') draft.events++;
    const logProbs = tokenLogProbs(choice);
    if (logProbs !== null) draft.logProbs = [...(draft.logProbs ?? []), ...logProbs];
    if (choice.finish_reason) {
      draft.finishReason = choice.finish_reason;
      draft.stoppedBy = choice.stop_reason === undefined ? choice.matched_stop : choice.stop_reason;
    }
  }

  private reported(message: string): AppError {
    return new AppError('server', 'The server failed while it was writing.', {
      advice: 'Try again; if it goes on, look into the log of the server.',
      retryable: true,
      cause: this.endpoint.redact(message),
    });
  }
}

/** undefined where it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
