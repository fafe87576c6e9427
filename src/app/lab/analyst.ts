/** Worker of the Lab: results in, analysis out. Bootstraps of a large sweep take seconds. */
import '../../shared/no-eval.ts';
import * as z from 'zod/mini';
import { difficultySchema } from '../../eval/difficulty.ts';
import { pointsOf } from '../../eval/points.ts';
import { sweepResultSchema } from '../../eval/sweep-result.ts';
import { toAppError } from '../../shared/errors.ts';
import { analyse, curvePoints } from './analysis.ts';

const questionSchema = z.object({
  label: z.string(),
  results: z.array(sweepResultSchema),
  difficulty: z.nullable(difficultySchema),
});

self.onmessage = (event: MessageEvent<unknown>) => {
  try {
    const { results, label, difficulty } = z.parse(questionSchema, event.data);
    // The curves come first: all the rest takes ten times as long.
    self.postMessage({ points: curvePoints(pointsOf(results)) });
    self.postMessage({ analysis: analyse(results, label, difficulty) });
  } catch (thrown) {
    self.postMessage({ error: toAppError(thrown).toData() });
  }
};
