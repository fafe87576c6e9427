/** Hands a file to the visitor. */
export function download(content: string | Blob, name: string, type: string): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click; letting go at once would cancel it in some.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name from free text: letters, digits and dashes only. */
export function fileName(text: string, extension: string): string {
  const words = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const short = words.replace(/^-+|-+$/g, '').slice(0, 40);
  return `overthink-${short === '' ? 'run' : short}.${extension}`;
}
