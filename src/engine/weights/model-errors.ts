import { AppError } from '../../shared/errors.ts';

/** A file that is damaged, truncated, or does not belong to its config. */
export function corruptModel(message: string, cause?: unknown): AppError {
  return new AppError('model-corrupt', message, {
    advice: 'Try again. If that does not help, the files are damaged where they come from.',
    retryable: true,
    cause,
  });
}

export function missingModelFile(model: string, file: string, cause?: unknown): AppError {
  return new AppError('model-missing', `The model ${model} has no file ${file}.`, {
    advice: 'Check the name of the model, or download it again.',
    cause,
  });
}
