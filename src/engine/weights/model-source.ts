/** Where the files of one model come from: the network and its cache, or a folder. */
export interface ModelSource {
  /** For messages, such as `policy`. */
  readonly id: string;
  /** Bytes of all files together, where known before they are opened. */
  readonly totalBytes: number | null;

  /** Opens one file by its name in the model's folder. Throws AppError `model-missing`, `network`
   * or `storage`. */
  open(file: string, signal?: AbortSignal): Promise<ByteStream>;

  /** Forgets a kept copy of the file that proved wrong. True: opening it again may help. */
  discard(file: string): Promise<boolean>;
}

export interface ByteStream {
  readonly totalBytes: number;
  readonly from: 'network' | 'disk';
  /** Pieces in order, each valid until the next. Throws AppError `model-corrupt` at the end where
   * the content does not have the expected checksum. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Progress of a load over all files of the model, in bytes. */
export interface LoadProgress {
  readonly stage: 'downloading' | 'reading';
  readonly loadedBytes: number;
  readonly totalBytes: number;
}
