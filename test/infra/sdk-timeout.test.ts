import { expect, test } from 'vitest';
import * as z from 'zod';
import { CLIENT_CONFIG } from '../../shared/adapters/aws/sdk.ts';
import { parseProperties, synthesizeStage } from './synthesized.ts';

/** Time for the SDK's pauses between attempts and for the function's own work. */
const OTHER_WORK_MS = 2_000;

test('all attempts of an AWS call time out before any function does', () => {
  const { api } = synthesizeStage();
  const functions = parseProperties(api, 'AWS::Lambda::Function', z.object({ Timeout: z.number() }));
  const shortest = Math.min(...functions.map(({ Timeout }) => Timeout));
  const { maxAttempts, requestHandler } = CLIENT_CONFIG;
  expect(maxAttempts * requestHandler.requestTimeout + OTHER_WORK_MS).toBeLessThan(shortest * 1_000);
});
