import { expect, test } from 'vitest';
import * as z from 'zod';
import { CLIENT_CONFIG } from '../../shared/adapters/aws/sdk-clients.ts';
import { parseProperties, synthesizeStage } from './synthesized.ts';

/** What the SDK waits between its tries, and what a function does besides calling. */
const BESIDES_MS = 2_000;

test('a call to AWS that is never answered ends before any function does', () => {
  const { api } = synthesizeStage();
  const functions = parseProperties(api, 'AWS::Lambda::Function', z.object({ Timeout: z.number() }));
  const shortest = Math.min(...functions.map(({ Timeout }) => Timeout));
  const { maxAttempts, requestHandler } = CLIENT_CONFIG;
  expect(maxAttempts * requestHandler.requestTimeout + BESIDES_MS).toBeLessThan(shortest * 1_000);
});
