/** The run on screen as JSON and its solutions as CSV. */
import type { RunEvent } from '../../shared/run-events.ts';
import { pathTo, type RunView } from '../../shared/run-view.ts';
import { toCsv } from '../../storage/csv.ts';
import { toRunLog, writeRunFile } from '../../storage/run-file.ts';
import { download, fileName } from '../ui/download.ts';

export function exportRun(events: readonly RunEvent[], label: string): void {
  const start = events.find((event) => event.type === 'start');
  const name = start?.prompt ?? label;
  const log = toRunLog(events, label === '' ? name : label, new Date());
  download(writeRunFile(log), fileName(name, 'json'), 'application/json');
}

export function exportCandidates(view: RunView): void {
  const csv = candidatesCsv(view);
  download(csv, fileName(view.start?.prompt ?? '', 'csv'), 'text/csv');
}

/** One row a solution. */
export function candidatesCsv(view: RunView): string {
  const header = [
    'index',
    'answer',
    'correct',
    'finished',
    'copies',
    'last_score',
    'step_scores',
    'log_probability',
    'solution',
  ];
  const rows = view.candidates.map((one) => [
    one.index,
    one.answerText,
    one.correct,
    one.finished,
    one.copies,
    one.stepScores.at(-1) ?? null,
    one.stepScores.map((score) => score.toFixed(4)).join(' '),
    one.logProb,
    pathTo(view, one.id)
      .map((id) => view.nodes[id]?.text ?? '')
      .join('\n'),
  ]);
  return toCsv(header, rows);
}
