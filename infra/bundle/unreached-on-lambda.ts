import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import * as z from 'zod';

/**
 * Modules that the SDK brings along and no function here ever reaches, with the functions that they export.
 *
 * Lambda hands a function its role's credentials in environment variables, so nothing asks a shell, a file,
 * a sign-in page or another host for them; and no operation in use streams events.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const UNREACHED: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/credential-provider-http': ['fromHttp'],
  '@aws-sdk/credential-provider-ini': ['fromIni'],
  '@aws-sdk/credential-provider-process': ['fromProcess'],
  '@aws-sdk/credential-provider-sso': ['fromSSO'],
  '@aws-sdk/credential-provider-web-identity': ['fromTokenFile'],
  '@smithy/credential-provider-imds': ['fromContainerMetadata', 'fromInstanceMetadata'],
  '@smithy/core/event-streams': ['EventStreamSerde', 'eventStreamSerdeProvider'],
  // The client creates a cache of discovered endpoints, and uses it for none of the operations here.
  '@aws-sdk/endpoint-cache': [],
};

/**
 * Files of `@smithy/core` alike, named after their one export: Lambda names the region in a variable, no client here asks
 * for adaptive retries, and Node has SHA-256.
 */
const UNREACHED_FILES: readonly string[] = ['AdaptiveRetryStrategy', 'getInstanceMetadataRegion', 'Sha256Js'];

const NAMESPACE = 'unreached-on-lambda';

/** One module in the place of all of them, so that the refusal is bundled once. */
const STUB = [
  // A constructor too: what is called with `new` has to fail with the same words.
  `function refuse() { throw new Error('Not bundled: on Lambda, credentials and region come from the environment, and nothing streams'); }`,
  ...[...Object.values(UNREACHED).flat(), ...UNREACHED_FILES].map((name) => `export { refuse as ${name} };`),
  `export class EndpointCache { get = refuse; set = refuse; has = refuse; }`,
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
    const stub = () => ({ path: NAMESPACE, namespace: NAMESPACE, sideEffects: false });
    build.onResolve({ filter: new RegExp(`^(${Object.keys(UNREACHED).join('|')})$`) }, stub);
    build.onResolve({ filter: new RegExp(`^\\.{1,2}/.*\\b(${UNREACHED_FILES.join('|')})$`) }, stub);
    build.onLoad({ filter: /./, namespace: NAMESPACE }, () => ({ contents: STUB, loader: 'js' }));
    build.onLoad({ filter: /@aws-sdk\/client-[a-z-]+\/package\.json$/ }, async ({ path }) => ({
      contents: await versionOnly(path),
      loader: 'json',
    }));
  },
};
