import { expect, test } from 'vitest';
import { historyEntries } from '../../../shared/domain/model/history.ts';
import { newConnection } from '../../harness/connections.ts';

test('the id and the time of an entry are taken together, so that entries sorted by id never run backwards', () => {
  let milliseconds = Date.parse('2026-03-01T10:00:00.000Z');
  const taken: string[] = [];
  const context = {
    // Time passes between any two readings of the clock.
    clock: { now: () => new Date(milliseconds++) },
    ids: {
      next() {
        const id = new Date(milliseconds).toISOString();
        taken.push(id);
        return id;
      },
    },
    correlationId: 'request',
  };
  const change = { type: 'renamed', to: { name: 'New' } } as const;
  const actor = { type: 'system' } as const;
  const entries = historyEntries(
    newConnection('2026-03-01T09:00:00.000Z'),
    [change, change, change],
    actor,
    context,
  );
  expect(entries.map(({ id }) => id)).toEqual(taken);
  expect(entries.map(({ at }) => at)).toEqual(taken);
});
