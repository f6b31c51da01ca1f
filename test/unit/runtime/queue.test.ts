import { afterEach, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { lambdaContext } from '../../../local/lambda.ts';
import { recordOf } from '../../../local/queue/event-source.ts';
import { compile } from '../../../shared/catalog/compile.ts';
import { createCatalog } from '../../../shared/catalog/index.ts';
import { queueWorkers } from '../../../shared/contract/background/index.ts';
import { onQueue } from '../../../shared/runtime/background/queue.ts';
import { logger } from '../../../shared/runtime/logger.ts';

afterEach(() => vi.restoreAllMocks());

const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
const context = lambdaContext('test', iam, 60_000);
const withoutPorts = () => new Proxy(Object.create(null), {});

const FAILURES = [new Error('The check of con_1 failed.'), new Error('The check of con_2 failed.')];

/** Has a worker handle one message that comes to this; what is to come again, and which errors were logged. */
async function handled(isDone: boolean) {
  const logged: unknown[] = [];
  vi.spyOn(logger(), 'error').mockImplementation((_message, ...extra) => {
    for (const more of extra) if (typeof more === 'object' && 'error' in more) logged.push(more.error);
  });
  const handler = onQueue(
    queueWorkers.checkConnections,
    {
      message: z.object({ correlationId: z.string() }),
      handle: () => Promise.resolve({ failures: FAILURES, isDone }),
    },
    { catalog: createCatalog(() => compile([])), ports: withoutPorts },
  );
  const Body = JSON.stringify({ correlationId: 'run' });
  const { batchItemFailures } = await handler({ Records: [recordOf({ MessageId: 'one', Body })] }, context);
  return { again: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), logged };
}

test('each failure in a message is logged, though the message is done', async () => {
  expect(await handled(true)).toEqual({ again: [], logged: FAILURES });
});

test('a message that is not done comes again, and each failure in it is logged', async () => {
  const { again, logged } = await handled(false);
  expect(again).toEqual(['one']);
  expect(logged).toEqual(expect.arrayContaining(FAILURES));
});
