import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import * as z from 'zod';

const CREDENTIALS = 'on Lambda, credentials come from the environment';

interface Unreached {
  readonly exports: readonly string[];
  /** Classes of which the SDK makes objects that nothing uses. */
  readonly constructed?: readonly string[];
  readonly why: string;
}

/**
 * Modules that the SDK brings along and no function here ever reaches: what they export, and why not.
 *
 * Lambda hands a function its role's credentials in environment variables, so nothing asks a shell, a file,
 * a sign-in page or another host for them; and neither service streams events in its answers.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const UNREACHED: Readonly<Record<string, Unreached>> = {
  '@aws-sdk/credential-provider-http': { exports: ['fromHttp'], why: CREDENTIALS },
  '@aws-sdk/credential-provider-ini': { exports: ['fromIni'], why: CREDENTIALS },
  '@aws-sdk/credential-provider-process': { exports: ['fromProcess'], why: CREDENTIALS },
  '@aws-sdk/credential-provider-sso': { exports: ['fromSSO'], why: CREDENTIALS },
  '@aws-sdk/credential-provider-web-identity': { exports: ['fromTokenFile'], why: CREDENTIALS },
  '@smithy/credential-provider-imds': {
    exports: ['fromContainerMetadata', 'fromInstanceMetadata'],
    why: CREDENTIALS,
  },
  '@aws-sdk/endpoint-cache': {
    exports: [],
    constructed: ['EndpointCache'],
    why: 'no client here discovers endpoints',
  },
  '@smithy/core/event-streams': {
    exports: ['EventStreamSerde', 'eventStreamSerdeProvider'],
    why: 'no operation in use streams events',
  },
};

const NAMESPACE = 'unreached-on-lambda';

/** One module in the place of all of them, so that the refusal is bundled once. */
const STUB = [
  // A constructor too: what is called with `new` has to fail with the same words.
  `function refuse() { throw new Error('Not bundled, as Lambda never reaches it: infra/bundle/unreached-on-lambda.ts'); }`,
  ...Object.values(UNREACHED).flatMap(({ exports }) =>
    exports.map((name) => `export { refuse as ${name} };`),
  ),
  ...Object.values(UNREACHED).flatMap(({ constructed = [] }) =>
    constructed.map((name) => `export class ${name} { get = refuse; set = refuse; has = refuse; }`),
  ),
  // Asked for without being called.
  `export const ENV_CMDS_FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';`,
  `export const ENV_CMDS_RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';`,
].join('\n');

const manifest = z.object({ name: z.string(), version: z.string() });

/** Each SDK client carries its package.json for the version in its user agent. */
async function versionOnly(path: string): Promise<string> {
  return JSON.stringify(manifest.parse(JSON.parse(await readFile(path, 'utf8'))));
}

/**
 * Leaves out code that never runs on Lambda: half of the SDK's bytes, and of its time at a cold start. In its place
 * stands a function that throws, so that a wrong guess, or a missing environment, fails with a clear error.
 */
export const unreachedOnLambda: Plugin = {
  name: NAMESPACE,
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(UNREACHED).join('|')})$`);
    build.onResolve({ filter }, () => ({ path: NAMESPACE, namespace: NAMESPACE, sideEffects: false }));
    build.onLoad({ filter: /./, namespace: NAMESPACE }, () => ({ contents: STUB, loader: 'js' }));
    build.onLoad({ filter: /@aws-sdk\/client-[a-z-]+\/package\.json$/ }, async ({ path }) => ({
      contents: await versionOnly(path),
      loader: 'json',
    }));
  },
};
