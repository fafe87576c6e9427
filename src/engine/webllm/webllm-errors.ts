/**
 * What web-llm 0.2.86 throws, as the program's own errors. Each row was provoked once in Chromium
 * (webllm.md, "Errors as a page really gets them"); the first one that matches counts. Pure.
 */
import { AppError, type ErrorCode } from '../../shared/errors.ts';

export interface RawFailure {
  readonly name: string;
  readonly message: string;
  /** The last lines of the worker's console: some failures say their reason nowhere else. */
  readonly log: readonly string[];
  readonly stage: 'load' | 'generate';
}

interface Row {
  readonly stage?: RawFailure['stage'];
  readonly name?: RegExp;
  readonly message?: RegExp;
  readonly code: ErrorCode;
  readonly says: string;
  readonly advice: string;
  readonly retryable?: boolean;
}

const AGAIN = 'Delete the model on the Models page and download it again.';
const OTHER_LIB = 'The library must be made for web-llm 0.2.86; check its address.';
const SMALLER =
  'Choose a smaller model or a shorter context, and close other tabs that use the GPU.';

/** What is thrown out of whatever was under way; the last one by a load, as a bare string. */
const LOST =
  /mapAsync|device (was|is) lost|device lost|already been disposed|Engine\.unload\(\) is called/i;
const GAVE_UP: Pick<Row, 'code' | 'says' | 'advice'> = {
  code: 'out-of-memory',
  says: 'The GPU gave up while the model was loading, probably for lack of memory.',
  advice: SMALLER,
};

const ROWS: readonly Row[] = [
  {
    name: /^ModelNotFoundError$/,
    code: 'model-missing',
    says: 'The catalogue has no model of this name.',
    advice: 'Choose one from the list on the Models page.',
  },
  {
    message: /Failed to construct 'URL'|Invalid URL/,
    code: 'bad-input',
    says: 'The address of the model is not a full URL.',
    advice: 'Write it with https:// and the whole path.',
  },
  {
    message:
      /on 'Cache': (Request failed|Failed to fetch)|Failed to fetch|NetworkError|Load failed/,
    code: 'network',
    says: 'A file of the model could not be downloaded.',
    advice: 'Check the connection and the address; what has arrived is kept.',
    retryable: true,
  },
  {
    name: /^(QuotaExceededError)$/,
    code: 'storage',
    says: 'There is not enough disk space for this model.',
    advice: 'Delete another model on the Models page, or choose a smaller one.',
  },
  {
    name: /^SyntaxError$/,
    message: /Unexpected token|JSON/,
    code: 'model-corrupt',
    says: 'A file of the model is a web page instead of data.',
    advice: 'The address is probably wrong, or a login page stands before it.',
  },
  {
    message: /expected magic word/,
    code: 'model-corrupt',
    says: 'The library of the model is not WebAssembly: probably an error page.',
    advice: OTHER_LIB,
  },
  {
    message:
      /extends past end of the module|CompileError|WebAssembly\.(instantiate|compile|Module)/,
    code: 'model-corrupt',
    says: 'The library of the model is incomplete.',
    advice: AGAIN,
  },
  {
    // Without a memory it fails before its exports are looked at.
    message: /Cannot find TVMWasmAllocSpace|reading 'buffer'|wasm memory/,
    code: 'model-unsupported',
    says: 'The library is WebAssembly, but not a model.',
    advice: OTHER_LIB,
  },
  {
    name: /^IntegrityError$/,
    code: 'model-corrupt',
    says: 'A file of the model is not what its publisher made.',
    advice: AGAIN,
  },
  {
    // Built pages name the missing function by a letter.
    stage: 'load',
    message: /TVMFFIFunctionGetGlobal|Cannot find global function|^\S+ is not a function/,
    code: 'model-unsupported',
    says: 'The library is no model, or was made for another version of web-llm.',
    advice: OTHER_LIB,
  },
  {
    name: /^WebGPUNot(Available|Found)Error$/,
    code: 'no-webgpu',
    says: 'This browser has no WebGPU.',
    advice: 'The shipped small models run without it. For this one use a recent Chrome or Edge.',
  },
  {
    message: /Unable to find a compatible GPU/,
    code: 'no-webgpu',
    says: 'The browser finds no usable GPU.',
    advice: 'Switch on hardware acceleration, or use the shipped models, which run without it.',
  },
  {
    message: /Cannot initialize runtime because of requested/,
    code: 'model-unsupported',
    says: 'This GPU is too limited for models of this catalogue.',
    advice: 'Use the shipped models, or a server.',
  },
  {
    name: /^(ShaderF16SupportError|FeatureSupportError)$/,
    code: 'model-unsupported',
    says: 'This GPU lacks what the model needs (16-bit shaders).',
    advice: 'Choose the 32-bit version of the model.',
  },
  {
    name: /^GPUPipelineError$/,
    code: 'model-unsupported',
    says: 'This GPU cannot run the kernels of the model.',
    advice: 'Choose the 32-bit version of the model, or update the browser.',
  },
  {
    name: /^UniformOutputError$/,
    code: 'model-unsupported',
    says: 'The model answers at random: this GPU computes its kernels wrongly.',
    advice: 'Choose the 32-bit version of the model, or another one.',
  },
  {
    name: /^ContextWindowSizeExceededError$/,
    code: 'bad-input',
    says: 'The solution no longer fits the context of the model.',
    advice: 'Use a shorter problem, or fewer tokens a step.',
  },
  {
    name: /^UnsupportedTokenizerFilesError$/,
    code: 'model-unsupported',
    says: 'The tokenizer of this model is of an unknown kind.',
    advice: 'Choose another model.',
  },
  {
    message: /Aborted\(/,
    code: 'model-corrupt',
    says: 'The tokenizer of the model cannot be read.',
    advice: AGAIN,
  },
  {
    message: /exceeds shard size|Packed BF16|ArrayBuffer.*out of bounds/,
    code: 'model-corrupt',
    says: 'A file of weights is too short.',
    advice: AGAIN,
  },
  {
    name: /^DeviceLostError$/,
    ...GAVE_UP,
  },
  {
    // The same, where it comes too late for web-llm to say so.
    stage: 'load',
    name: /ModelNotLoadedError$/,
    ...GAVE_UP,
  },
  {
    stage: 'load',
    message: LOST,
    ...GAVE_UP,
  },
  {
    stage: 'load',
    message: /Program terminated with exit/,
    code: 'model-corrupt',
    says: 'The model could not be set up: its files do not fit together, or memory ran out.',
    advice: `${AGAIN} If it happens again, choose a smaller model.`,
  },
  {
    stage: 'generate',
    message: new RegExp(`${LOST.source}|Program terminated with exit`, 'i'),
    code: 'device-lost',
    says: 'The GPU was lost while the model was writing.',
    advice: 'Run again: the model is loaded anew first.',
    retryable: true,
  },
  {
    name: /ModelNotLoadedError$/,
    code: 'device-lost',
    says: 'The model is no longer loaded: the GPU was lost in the meantime.',
    advice: 'Run again: the model is loaded anew first.',
    retryable: true,
  },
  {
    name: /^AbortError$/,
    code: 'aborted',
    says: 'Stopped.',
    advice: 'Run again when you like.',
  },
];

// In the log of a failed set-up, the line that names the reason.
const REASONS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /device.*lost|out of memory|OOM|Out of memory/i,
    'out-of-memory',
    'The GPU has not enough memory for this model.',
  ],
  [
    /Cannot find parameter|param.*not found|missing/i,
    'model-corrupt',
    'A parameter of the model is missing.',
  ],
  [
    /shape|mismatch/i,
    'model-corrupt',
    'A parameter of the model has another shape than its library expects.',
  ],
];

export function toWebLlmError(failure: RawFailure): AppError {
  const raw = splitWorkerString(failure);
  const cause = [`${raw.name}: ${raw.message}`, ...raw.log.slice(-3)].join(' | ').slice(0, 600);
  // Whatever a program trips over once its GPU is gone, that it is gone stands on the console.
  const row = rowOf(raw) ?? raw.log.map((message) => lostRow(raw.stage, message)).find(Boolean);
  if (row === undefined) {
    return new AppError('internal', 'web-llm failed in a way that is not known here.', {
      advice: 'Load the model again; if it goes on, report it with the details below.',
      retryable: true,
      cause,
    });
  }
  const reason =
    /Program terminated/.test(raw.message) && row.stage === 'load' ? reasonOf(raw) : null;
  const [code, says] = reason ?? [row.code, row.says];
  const advice = code === 'out-of-memory' ? SMALLER : row.advice;
  return new AppError(code, says, { advice, retryable: row.retryable ?? false, cause });
}

function rowOf({ stage, name, message }: Pick<RawFailure, 'stage' | 'name' | 'message'>) {
  return ROWS.find(
    (row) =>
      (row.stage === undefined || row.stage === stage) &&
      (row.name === undefined || row.name.test(name)) &&
      (row.message === undefined || row.message.test(message)),
  );
}

function lostRow(stage: RawFailure['stage'], line: string): Row | undefined {
  return LOST.test(line) ? rowOf({ stage, name: '', message: 'device was lost' }) : undefined;
}

/** Errors that crossed web-llm's own worker border are strings "Name: message". */
function splitWorkerString(failure: RawFailure): RawFailure {
  const match = /^([A-Z]\w*Error|ExitStatus): ([^]*)$/.exec(failure.message);
  if (match === null) return failure;
  return { ...failure, name: match[1], message: match[2] };
}

function reasonOf({ log }: RawFailure): readonly [ErrorCode, string] | null {
  for (const line of [...log].reverse()) {
    const found = REASONS.find(([pattern]) => pattern.test(line));
    if (found !== undefined) return [found[1], found[2]];
  }
  return null;
}
