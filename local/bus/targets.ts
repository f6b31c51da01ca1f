import { eventHandlers } from '../../shared/contract/background/index.ts';
import type { IamSettings } from '../api-gateway/iam-authorizer.ts';
import { lambdaContext } from '../api-gateway/lambda-context.ts';
import { loadHandler } from '../entry.ts';
import type { Target } from './dispatch.ts';

const TIMEOUT_MS = 30_000;

/** Each event handler behind its rule. */
export function eventTargets(iam: IamSettings): Promise<Target[]> {
  return Promise.all(
    Object.values(eventHandlers).map(async ({ entry, pattern }) => {
      const handler = await loadHandler<unknown, void>(entry);
      return {
        name: entry,
        pattern,
        invoke: (envelope) => handler(envelope, lambdaContext(entry, iam, TIMEOUT_MS)),
      };
    }),
  );
}
