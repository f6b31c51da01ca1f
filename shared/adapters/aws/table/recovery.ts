import type { IntentReader } from '../../../domain/connections/create.ts';
import type { OverdueOperation, RecoveryReader } from '../../../domain/connections/sweep.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { intentItem, keyItem } from './items.ts';
import { intentKey, parseProjectSk, projectOf, RECOVERY_KEY } from './keys.ts';
import { queryDue } from './query.ts';

/** Finds unfinished operations by the recovery index. */
export function recoveryReader(table: Table): RecoveryReader & IntentReader {
  return {
    async *overdue(now) {
      for await (const item of queryDue(table, 'recovery', RECOVERY_KEY, now)) yield* toOverdue(item);
    },

    async findIntent({ projectId, connectionId }) {
      const item = await getConsistent(table, intentKey(projectId, connectionId));
      if (!item) return undefined;
      const { recoverAt: expiresAt, abandoned } = intentItem.parse(item);
      return { projectId, connectionId, expiresAt, abandoned };
    },
  };
}

function toOverdue(item: unknown): readonly OverdueOperation[] {
  const { pk, sk } = keyItem.parse(item);
  const { kind, id: connectionId } = parseProjectSk(sk);
  if (kind === 'other') return [];
  return [{ kind: kind === 'intent' ? 'creation' : 'credentials', projectId: projectOf(pk), connectionId }];
}
