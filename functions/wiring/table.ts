import { callBudget } from '../../shared/adapters/aws/table/call-budget.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { committer } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../shared/adapters/aws/table/flows.ts';
import { historyReader } from '../../shared/adapters/aws/table/history.ts';
import { idempotencyStore } from '../../shared/adapters/aws/table/idempotency.ts';
import { lastCheckReader, lastCheckStore } from '../../shared/adapters/aws/table/last-checks.ts';
import { memberReader, memberWriter } from '../../shared/adapters/aws/table/members.ts';
import { recoveryReader } from '../../shared/adapters/aws/table/overdue.ts';
import { checkSchedule, reminderReader } from '../../shared/adapters/aws/table/schedule.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { setting } from '../../shared/runtime/environment.ts';
import { lazy } from '../../shared/runtime/lazy.ts';
import { createBaseContext } from '../../shared/runtime/operation-context.ts';

/** One client for all that share the table, made with the first request. */
const table = lazy(() => openTable(setting('TABLE_NAME')));

/** Behind `table:read`. */
export const tableRead = () => ({
  ...connectionReader(table()),
  ...flowReader(table()),
  ...historyReader(table()),
  ...memberReader(table()),
  ...lastCheckReader(table()),
});

/** Behind `table:write`. */
export const tableWrite = () => {
  const tools = createBaseContext(catalog);
  return {
    ...committer(table(), tools),
    ...recoveryReader(table()),
    ...reminderReader(table()),
    ...lastCheckStore(table()),
    ...checkSchedule(table()),
    ...callBudget(table(), tools),
  };
};

/** Behind `members:write`. */
export const membersWrite = () => memberWriter(table());

/** What stands between a person's request and its handler. */
export const guards = () => ({ ...memberReader(table()), ...idempotencyStore(table()) });
