/** `models/manifest.json`: what models are shipped, and what their files must contain. */
import * as z from 'zod/mini';
import { AppError, isAbort } from '../../shared/errors.ts';

const fileSchema = z.object({
  /** Relative to the manifest, such as `policy/model.safetensors`. */
  path: z.string().check(z.regex(/^[\w.-]+(\/[\w.-]+)+$/)),
  bytes: z.int().check(z.nonnegative()),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

const modelSchema = z.object({
  id: z.string().check(z.regex(/^[\w.-]+$/)),
  role: z.string(),
  label: z.string(),
  parameters: z.int().check(z.nonnegative()),
  files: z.array(fileSchema),
});

const manifestSchema = z.object({ version: z.literal(1), models: z.array(modelSchema) });

export type ManifestFile = z.infer<typeof fileSchema>;
export type ManifestModel = z.infer<typeof modelSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** Throws AppError `model-corrupt`. */
export function parseManifest(json: unknown): Manifest {
  const parsed = z.safeParse(manifestSchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'model-corrupt',
    `The list of models is not usable: ${z.prettifyError(parsed.error)}`,
    { advice: 'Reload the page.', retryable: true },
  );
}

/** `url` is that of the manifest file. Throws AppError `network`, `model-corrupt`, `aborted`. */
export async function fetchManifest(url: string, signal?: AbortSignal): Promise<Manifest> {
  let json: unknown;
  try {
    // Revalidated, because the sums in it decide which cached models are current.
    const response = await fetch(url, { signal, cache: 'no-cache' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    json = await response.json();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new AppError('network', 'The list of models could not be loaded.', {
      advice: 'Check the connection and try again.',
      retryable: true,
      cause: error,
    });
  }
  return parseManifest(json);
}

/** Throws AppError `model-missing`. */
export function findModel(manifest: Manifest, id: string): ManifestModel {
  const model = manifest.models.find((candidate) => candidate.id === id);
  if (model) return model;
  const known = manifest.models.map((candidate) => candidate.id).join(', ');
  throw new AppError('model-missing', `There is no model "${id}".`, {
    advice: known === '' ? 'No models are shipped.' : `Choose one of: ${known}.`,
  });
}
