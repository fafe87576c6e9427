/** The Lab's settings between visits. A set from a file is kept with them where it fits. */
import * as z from 'zod/mini';
import type { OpenedFile } from './lab-problems.ts';
import { labSetupSchema, type LabSetup } from './lab-setup.ts';

const NAME = 'overthink-lab';
/** Browsers keep about 5 million characters for a site. */
const MAX_FILE_LENGTH = 1_000_000;

const memorySchema = z.object({
  setup: labSetupSchema,
  file: z.nullable(z.object({ name: z.string(), text: z.string() })),
});

type Place = Pick<Storage, 'getItem' | 'setItem'>;

/** null where nothing, or nothing usable, is kept. Never throws. */
export function recallLab(place: Place): { setup: LabSetup; file: OpenedFile | null } | null {
  try {
    const text = place.getItem(NAME);
    const parsed = text === null ? null : z.safeParse(memorySchema, JSON.parse(text));
    return parsed?.success ? parsed.data : null;
  } catch {
    // Blocked or damaged storage is the same as none.
    return null;
  }
}

/** false where the file is too long, or storage is forbidden: it must then be opened again. */
export function rememberLab(place: Place, setup: LabSetup, file: OpenedFile | null): boolean {
  const fits = file === null || file.text.length <= MAX_FILE_LENGTH;
  try {
    place.setItem(NAME, JSON.stringify({ setup, file: fits ? file : null }));
    return fits;
  } catch {
    return false;
  }
}
