/** Asks the analyst for the latest results; while it is busy, only the newest question waits. */
import { AppError, type ErrorData } from '../../shared/errors.ts';
import type { Difficulty } from '../../eval/difficulty.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import type { CurvePoint } from '../charts/series.ts';
import type { LabAnalysis } from './analysis.ts';

interface Question {
  readonly label: string;
  readonly results: readonly SweepResult[];
  /** From independent samples; null reads it from the results. */
  readonly difficulty: Difficulty | null;
}

/** Built together with the page, so its shape is known; that it is an answer is checked. */
type Reply =
  | { readonly points: readonly CurvePoint[] }
  | { readonly analysis: LabAnalysis }
  | { readonly error: ErrorData };

export interface AnalystParts {
  readonly spawn: () => Worker;
  /** The curves, well before the rest. */
  readonly onPoints: (points: readonly CurvePoint[]) => void;
  readonly onAnalysis: (analysis: LabAnalysis) => void;
  readonly onError: (thrown: unknown) => void;
  readonly onBusy: (busy: boolean) => void;
}

export class AnalystClient {
  private worker: Worker | null = null;
  private asked: Question | null = null;
  private waiting: Question | null = null;
  /** The question under way is about results that are no longer on screen. */
  private stale = false;

  constructor(private readonly parts: AnalystParts) {}

  ask(question: Question): void {
    this.waiting = question;
    this.next();
  }

  /** Drops what is asked: other results are on screen now. */
  forget(): void {
    this.waiting = null;
    this.stale = this.asked !== null;
  }

  private next(): void {
    if (this.asked !== null || this.waiting === null) return;
    this.asked = this.waiting;
    this.waiting = null;
    this.parts.onBusy(true);
    this.worker ??= this.start();
    this.worker.postMessage(this.asked);
  }

  private start(): Worker {
    const worker = this.parts.spawn();
    worker.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      if ('points' in reply) {
        if (!this.stale) this.parts.onPoints(reply.points);
        return;
      }
      if (!this.stale && 'analysis' in reply) this.parts.onAnalysis(reply.analysis);
      if ('error' in reply) this.parts.onError(AppError.fromData(reply.error));
      this.done();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.worker = null;
      const advice = 'The results are safe; export them, or reload the page.';
      const cause = event.message;
      this.parts.onError(
        new AppError('internal', 'The results could not be analysed.', { advice, cause }),
      );
      this.done();
    };
    return worker;
  }

  private done(): void {
    this.asked = null;
    this.stale = false;
    this.parts.onBusy(this.waiting !== null);
    this.next();
  }
}
