/**
 * Import this first in every entry of the page. Zod compiles checkers with `new Function` unless
 * told otherwise before the first schema exists; the page's content policy forbids that.
 */
import * as z from 'zod/mini';

z.config({ jitless: true });
