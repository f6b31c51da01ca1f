import { checkAgenda, milestoneReader } from '../../shared/adapters/aws/table/agenda.ts';
import { callBudget } from '../../shared/adapters/aws/table/call-budget.ts';
import { checkLedger, checkReader } from '../../shared/adapters/aws/table/check-ledger.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { committer } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../shared/adapters/aws/table/flows.ts';
import { historyReader } from '../../shared/adapters/aws/table/history.ts';
import { idempotencyStore } from '../../shared/adapters/aws/table/idempotency.ts';
import { memberReader, memberWriter } from '../../shared/adapters/aws/table/members.ts';
import { overdueReader } from '../../shared/adapters/aws/table/overdue.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { setting } from '../../shared/runtime/environment.ts';
import { toolsOf } from '../../shared/runtime/essentials.ts';
import { lazy } from '../../shared/runtime/lazy.ts';

/** One client for all that share the table, made with the first request. */
const table = lazy(() => openTable(setting('TABLE_NAME')));

/** Behind `table:read`. */
export const tableRead = () => ({
  ...connectionReader(table()),
  ...flowReader(table()),
  ...historyReader(table()),
  ...memberReader(table()),
  ...checkReader(table()),
});

/** Behind `table:write`. */
export const tableWrite = () => {
  const tools = toolsOf(catalog);
  return {
    ...committer(table(), tools),
    ...overdueReader(table()),
    ...milestoneReader(table()),
    ...checkLedger(table()),
    ...checkAgenda(table()),
    ...callBudget(table(), tools),
  };
};

/** Behind `members:write`. */
export const membersWrite = () => memberWriter(table());

/** What stands between a person's request and its handler. */
export const gate = () => ({ ...memberReader(table()), ...idempotencyStore(table()) });
