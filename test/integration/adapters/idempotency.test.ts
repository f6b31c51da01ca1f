import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { openSecrets } from '../../../shared/adapters/aws/secrets/client.ts';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { idempotencyStore } from '../../../shared/adapters/aws/table/idempotency.ts';
import { once } from '../../../shared/runtime/http/idempotency.ts';
import type { HttpResponse } from '../../../shared/runtime/http/response.ts';
import { AwsClients, type Fault, FaultInjector } from '../../harness/fault-injector.ts';

let engine: Engine;
beforeAll(async () => {
  // The SDK waits a random part of a bound before it tries again; here that part is nothing.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  engine = await startEngine({});
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.url,
  });
  await createTable('idempotency', engine.url);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await engine.close();
});

const MADE: HttpResponse = { statusCode: 201, headers: { etag: '"1"' }, body: '{"made":true}' };

/** Somebody who sends one request under one key, again and again. */
class Sender {
  readonly #digest = randomUUID();
  now = new Date('2026-03-03T14:06:00Z');
  carriedOut = 0;
  readonly notKept: unknown[] = [];

  /** Sends it once, with what befalls the calls of the table: 0 finds, 1 claims, 2 keeps the answer. */
  async send({ faults = [], answer = MADE }: { faults?: readonly Fault[]; answer?: HttpResponse } = {}) {
    const clients = new AwsClients(
      openTable('idempotency'),
      openSecrets({ prefix: '', kmsKeyId: undefined }),
    );
    clients.sendThrough(new FaultInjector({ faults }));
    const carryOut = async () => {
      this.carriedOut += 1;
      return answer;
    };
    try {
      return await once({ digest: this.#digest, request: 'request' }, carryOut, {
        ...idempotencyStore(clients.table),
        clock: { now: () => this.now },
        notKept: (error) => this.notKept.push(error),
      });
    } finally {
      clients.destroy();
    }
  }
}

const again: HttpResponse = { ...MADE, headers: { ...MADE.headers, 'idempotency-replayed': 'true' } };

describe('a request with an idempotency key', () => {
  test.each([0, 1, 2])('is carried out once though the answer to call %i is lost', async (at) => {
    const sender = new Sender();
    expect(await sender.send({ faults: [{ at, kind: 'timeout_after', lasting: false }] })).toEqual(MADE);
    expect(await sender.send()).toEqual(again);
    expect([sender.carriedOut, sender.notKept]).toEqual([1, []]);
  });

  test.each(['throttled', 'server_error', 'timeout_before'] as const)(
    'is not begun where it cannot be claimed: %s',
    async (kind) => {
      const sender = new Sender();
      await expect(sender.send({ faults: [{ at: 1, kind, lasting: true }] })).rejects.toThrow();
      expect(sender.carriedOut).toBe(0);
      expect(await sender.send()).toEqual(MADE);
    },
  );

  test.each(['throttled', 'server_error', 'timeout_before'] as const)(
    'is answered though its answer cannot be kept: %s',
    async (kind) => {
      const sender = new Sender();
      expect(await sender.send({ faults: [{ at: 2, kind, lasting: true }] })).toEqual(MADE);
      expect(sender.notKept).toEqual([expect.any(Error)]);
      await expect(sender.send()).rejects.toMatchObject({ code: 'request_in_progress' });
      // Nobody can tell by now whether it was done: as decided, it is done again.
      sender.now = new Date(sender.now.getTime() + 61_000);
      expect(await sender.send()).toEqual(MADE);
      expect(sender.carriedOut).toBe(2);
    },
  );

  test('is answered though its answer is larger than an item can be', async () => {
    const sender = new Sender();
    const answer = { ...MADE, body: 'x'.repeat(410 * 1024) };
    expect(await sender.send({ answer })).toEqual(answer);
    expect(sender.notKept).toEqual([expect.objectContaining({ name: 'ValidationException' })]);
  });

  test('is claimed by one of many who send it at once', async () => {
    const sender = new Sender();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => sender.send()));
    expect(sender.carriedOut).toBe(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'request_in_progress' });
    }
  });
});
