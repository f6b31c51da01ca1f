import { describe, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import type { historyItem } from '../../../shared/adapters/aws/table/items.ts';
import type { historyPage } from '../../../shared/contract/http/schemas/connection.ts';
import type {
  HistoryEntry,
  HistoryReason,
  HistoryState,
  HistoryType,
} from '../../../shared/domain/connections/history.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';

type Stored = z.output<typeof historyItem>;
type Told = z.output<typeof historyPage>['items'][number];
type StateNames = keyof HistoryState;

// The compiler holds these, with `npm run check`; the rooms may not import each other's words.
describe('what a history is told in', () => {
  test('are the types of the domain, wherever they are listed again', () => {
    expectTypeOf<Stored['type']>().toEqualTypeOf<HistoryType>();
    expectTypeOf<ConnectionEvent['type']>().toEqualTypeOf<HistoryType>();
    expectTypeOf<Told['type']>().toEqualTypeOf<HistoryType>();
  });

  test('are its reasons', () => {
    expectTypeOf<Exclude<Stored['reason'], undefined>>().toEqualTypeOf<HistoryReason>();
    expectTypeOf<Exclude<ConnectionEvent['reason'], undefined>>().toEqualTypeOf<HistoryReason>();
  });

  test('are its states', () => {
    expectTypeOf<keyof NonNullable<Stored['to']>>().toEqualTypeOf<StateNames>();
    expectTypeOf<keyof NonNullable<ConnectionEvent['to']>>().toEqualTypeOf<StateNames>();
    expectTypeOf<keyof NonNullable<Told['to']>>().toEqualTypeOf<StateNames>();
    expectTypeOf<keyof NonNullable<Stored['from']>>().toEqualTypeOf<StateNames>();
  });

  test('is everything that an entry holds', () => {
    expectTypeOf<Stored>().toEqualTypeOf<Mutable<HistoryEntry>>();
  });
});

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
