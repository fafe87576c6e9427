/**
 * Prompts written by hand for each model family. Chat interfaces cannot continue a partial
 * assistant turn, so every prompt is plain text for `completions`: the turn markers, the
 * instruction, the problem, and the solution so far in the "## Step k:" form (steps.ts).
 */
import { EXAMPLES, INSTRUCTION, JUDGE_INSTRUCTION, REVISE_INSTRUCTION } from './instructions.ts';
import { solutionText } from './steps.ts';

export interface PromptTemplate {
  readonly id: 'plain' | 'chatml' | 'qwen-math' | 'qwen3' | 'llama-3' | 'smollm2';
  /** Put before the prompt where the backend does not add it by itself. */
  readonly bos: string;
  /** Strings that mean the model is done, where they come out as text. */
  readonly ends: readonly string[];
  /** Everything before the first step. */
  solve(problem: string): string;
  /** The same after earlier attempts, oldest first, as the lines they were written in. */
  revise(problem: string, attempts: readonly (readonly string[])[]): string;
  /** Ends where the next token must be Yes or No. */
  judge(problem: string, steps: readonly string[]): string;
}

interface Markers {
  readonly id: PromptTemplate['id'];
  readonly bos: string;
  readonly ends: readonly string[];
  system(text: string): string;
  user(text: string): string;
  readonly assistant: string;
}

function chatTemplate(markers: Markers): PromptTemplate {
  const turn = (system: string, user: string): string =>
    markers.system(system) + markers.user(user) + markers.assistant;
  return {
    id: markers.id,
    bos: markers.bos,
    ends: markers.ends,
    solve: (problem) => turn(INSTRUCTION, inert(problem)),
    revise: (problem, attempts) => turn(REVISE_INSTRUCTION, withAttempts(problem, attempts)),
    judge: (problem, steps) => turn(JUDGE_INSTRUCTION, judgeQuestion(problem, steps)),
  };
}

const chatMl = (id: PromptTemplate['id'], opening = ''): PromptTemplate =>
  chatTemplate({
    id,
    bos: '',
    ends: ['<|im_end|>', '<|endoftext|>'],
    system: (text) => `<|im_start|>system\n${text}<|im_end|>\n`,
    user: (text) => `<|im_start|>user\n${text}<|im_end|>\n`,
    assistant: `<|im_start|>assistant\n${opening}`,
  });

const llama3 = chatTemplate({
  id: 'llama-3',
  bos: '<|begin_of_text|>',
  ends: ['<|eot_id|>', '<|end_of_text|>'],
  system: (text) => `<|start_header_id|>system<|end_header_id|>\n\n${text}<|eot_id|>`,
  user: (text) => `<|start_header_id|>user<|end_header_id|>\n\n${text}<|eot_id|>`,
  assistant: '<|start_header_id|>assistant<|end_header_id|>\n\n',
});

/** For base models: the form is shown by examples, and the next "Problem:" ends the solution. */
const plain: PromptTemplate = {
  id: 'plain',
  bos: '',
  ends: ['\nProblem:'],
  solve: (problem) => `${INSTRUCTION}\n\n${shots()}Problem: ${inert(problem)}\n\n`,
  revise: (problem, attempts) =>
    `${REVISE_INSTRUCTION}\n\n${shots()}Problem: ${withAttempts(problem, attempts)}\n\n`,
  judge: (problem, steps) =>
    `${JUDGE_INSTRUCTION}\n\n${judgeShots()}Problem: ${judgeQuestion(problem, steps)}\nAnswer:`,
};

const TEMPLATES: readonly PromptTemplate[] = [
  plain,
  chatMl('chatml'),
  chatMl('qwen-math'),
  // Qwen3 thinks unless its turn opens with an empty think block. It stands in the prompt here:
  // when the chat interface inserts it, its blank lines trip stop strings at once.
  chatMl('qwen3', '<think>\n\n</think>\n\n'),
  llama3,
  chatMl('smollm2'),
];

export const TEMPLATE_IDS = TEMPLATES.map((template) => template.id);

export function templateById(id: PromptTemplate['id']): PromptTemplate {
  return TEMPLATES.find((template) => template.id === id) ?? plain;
}

/** The template of a model by its public name. Unknown instruct models are taken for ChatML, the
 * commonest; anything else for a base model, which examples serve best. */
export function templateFor(modelName: string): PromptTemplate {
  const name = modelName.toLowerCase();
  if (/qwen-?2\.?5-math/.test(name) && /instruct/.test(name)) return templateById('qwen-math');
  if (/qwen-?3/.test(name) && !/base/.test(name)) return templateById('qwen3');
  if (/llama-?3/.test(name) && /instruct|chat/.test(name)) return llama3;
  if (/smollm/.test(name) && /instruct/.test(name)) return templateById('smollm2');
  if (/instruct|chat|hermes/.test(name)) return templateById('chatml');
  return plain;
}

/** Typed text must not be able to close its own turn. */
function inert(text: string): string {
  return text.replaceAll('<|', '< |').trim();
}

function withAttempts(problem: string, attempts: readonly (readonly string[])[]): string {
  const shown = attempts.map((steps, i) => `Attempt ${i + 1}:\n${inert(steps.join('\n'))}`);
  return [inert(problem), ...shown].join('\n\n');
}

function judgeQuestion(problem: string, steps: readonly string[]): string {
  const solution = steps.length === 0 ? '(nothing yet)' : inert(solutionText(steps));
  return `${inert(problem)}\n\nSolution so far:\n${solution}\n\nIs every step right? Yes or No.`;
}

function shots(): string {
  return EXAMPLES.map(
    ({ problem, steps }) => `Problem: ${problem}\n\n${solutionText(steps)}\n\n`,
  ).join('');
}

function judgeShots(): string {
  return EXAMPLES.map(({ problem, steps, wrong }) => {
    const right = `Problem: ${judgeQuestion(problem, steps)}\nAnswer: Yes\n\n`;
    return `${right}Problem: ${judgeQuestion(problem, wrong)}\nAnswer: No\n\n`;
  }).join('');
}
