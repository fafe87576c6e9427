/**
 * From an address and two model names to a policy and a verifier: what the page and the command
 * line call. Probes the server first, so that what follows asks only for what it honours.
 */
import type { Policy } from '../../shared/policy.ts';
import type { Price } from '../../shared/price.ts';
import { JudgeVerifier } from '../../verify/judge.ts';
import { LikelihoodVerifier } from '../../verify/likelihood.ts';
import type { Verifier } from '../../verify/verifier.ts';
import { parametersFromName } from '../text/model-size.ts';
import { templateById, templateFor, type PromptTemplate } from '../text/templates.ts';
import { TextPolicy } from '../text/text-policy.ts';
import { OpenAiClient, type ClientOptions } from './client.ts';
import { findRewardModel } from './find-reward.ts';
import { OpenAiCompleter, type OpenAiModel } from './openai-completer.ts';
import { OpenAiJudge } from './openai-judge.ts';
import { probeServer, type ProbeReport } from './probe.ts';
import { RewardVerifier } from './reward-verifier.ts';

export interface OpenAiSetup extends ClientOptions {
  readonly policyModel: string;
  /** A judge or a reward model; `likelihood` scores by the policy's own confidence; empty is none:
   * answers are then chosen by vote. */
  readonly verifierModel?: string;
  /** Where the verifier is served, if elsewhere (vLLM serves one model). */
  readonly verifierBaseUrl?: string | undefined;
  /** For that server; where it is left out, the key of the policy is sent. */
  readonly verifierKey?: string | undefined;
  /** Overrides the template that the policy's name suggests. */
  readonly template?: PromptTemplate['id'];
  /** Of both models. */
  readonly price?: Price | undefined;
}

export interface OpenAiBackend {
  readonly policy: Policy;
  readonly verifier: Verifier | null;
  readonly probe: ProbeReport;
  /** For `SearchContext.engineLabel`; never the key. */
  readonly engineLabel: string;
}

/** Throws AppError: nobody there, refused key, unknown model, a verifier that cannot verify. */
export async function openOpenAi(setup: OpenAiSetup, signal?: AbortSignal): Promise<OpenAiBackend> {
  const client = new OpenAiClient(setup);
  const probe = await probeServer(client, setup.policyModel, signal);
  const served = servedModel(client, probe, setup.price);
  const template =
    setup.template === undefined ? templateFor(setup.policyModel) : templateById(setup.template);
  return {
    policy: new TextPolicy(new OpenAiCompleter(served), template),
    verifier: await openVerifier(setup, client, probe, signal),
    probe,
    engineLabel: `OpenAI-compatible server ${client.endpoint.host}`,
  };
}

/** null: answers are chosen by vote. `policyClient` and `policyProbe`: where both are one model. */
export async function openVerifier(
  setup: OpenAiSetup,
  policyClient: OpenAiClient,
  policyProbe: ProbeReport,
  signal: AbortSignal | undefined,
): Promise<Verifier | null> {
  const model = setup.verifierModel ?? '';
  if (model === '') return null;
  if (model === 'likelihood') return new LikelihoodVerifier();
  const elsewhere = setup.verifierBaseUrl?.trim() ?? '';
  const client = elsewhere === '' ? policyClient : clientElsewhere(setup, elsewhere);
  const reward = await findRewardModel(client, model, signal);
  if (reward !== null) return new RewardVerifier({ ...reward, price: setup.price });
  const same = client === policyClient && model === setup.policyModel;
  const probe = same ? policyProbe : await probeServer(client, model, signal);
  const judge = servedModel(client, probe, setup.price);
  return new JudgeVerifier(new OpenAiJudge(judge, templateFor(model)));
}

function clientElsewhere(setup: OpenAiSetup, baseUrl: string): OpenAiClient {
  const { key, verifierKey = key, ...rest } = setup;
  return new OpenAiClient({
    ...rest,
    baseUrl,
    ...(verifierKey === undefined ? {} : { key: verifierKey }),
  });
}

/** The server knows the size of a model better than its name does. */
function servedModel(
  client: OpenAiClient,
  { model, models, features }: ProbeReport,
  price: Price | undefined,
): OpenAiModel {
  const parameters = models.find(({ id }) => id === model)?.parameters ?? parametersFromName(model);
  return { client, model, features, parameters, price };
}
