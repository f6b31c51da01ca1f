import { paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { DomainError } from '../../shared/domain/errors.ts';
import { advanceDeletions } from '../../shared/domain/projects/advance.ts';
import { deleteProject } from '../../shared/domain/projects/delete.ts';
import { restoreProject } from '../../shared/domain/projects/restore.ts';
import { PROJECT, type SimulatedDeployment } from './deployment.ts';
import type { Pair } from './interleavings.ts';
import { BOX } from './oauth-operations.ts';
import { DELETION, endDeletion, type Operation } from './operations.ts';

/** Prepares what an operation needs, without faults, and returns the operation. */
export type Prepare = (deployment: SimulatedDeployment) => Promise<Pick<Pair['sides'][0], 'run'>>;

/** Refusals of an operation during which its project is deleted. */
const REFUSALS = ['project_not_found', 'connection_not_found', 'busy'] as const;

/** Returns what is wrong with a project that was deleted and restored during an operation. */
type AfterRestore = (deployment: SimulatedDeployment) => Promise<readonly string[]>;

const RESTORE: Operation = {
  async run(ports) {
    await restoreProject(PROJECT, ports);
    await advanceDeletions(ports);
  },
};

/** An operation during which its project is deleted. At last, nothing may be left. */
export function duringDeletion(prepare: Prepare) {
  return async (deployment: SimulatedDeployment): Promise<Pair> => ({
    sides: [{ ...(await prepare(deployment)), refusals: REFUSALS }, DELETION],
    afterwards: async () => [...(await notDisabled(deployment)), ...(await leftovers(deployment))],
    connections: [0],
  });
}

/** An operation during which its project is deleted; it is restored afterwards. Deleted anew, nothing may be left. */
export function beforeRestore(prepare: Prepare, afterRestore: AfterRestore = noViolations) {
  return async (deployment: SimulatedDeployment): Promise<Pair> => ({
    sides: [{ ...(await prepare(deployment)), refusals: REFUSALS }, DELETION],
    async afterwards() {
      const violations = await notDisabled(deployment);
      await RESTORE.run(deployment.faultless);
      return [...violations, ...(await restoredViolations(deployment, afterRestore))];
    },
    connections: [0],
  });
}

/** An operation during which its project is deleted and restored. Deleted anew, nothing may be left. */
export function duringRestore(prepare: Prepare) {
  return async (deployment: SimulatedDeployment): Promise<Pair> => ({
    sides: [
      { ...(await prepare(deployment)), refusals: REFUSALS },
      {
        async run(ports) {
          await DELETION.run(ports);
          await RESTORE.run(ports);
        },
      },
    ],
    afterwards: () => restoredViolations(deployment, noViolations),
    connections: [0],
  });
}

function noViolations(): Promise<readonly string[]> {
  return Promise.resolve([]);
}

async function restoredViolations(
  deployment: SimulatedDeployment,
  afterRestore: AfterRestore,
): Promise<readonly string[]> {
  return [
    ...(await afterRestore(deployment)),
    ...(await deployment.invariantViolations(await deployment.recover())),
    ...(await leftovers(deployment)),
  ];
}

/** Returns the connections of a deleted project that a schedule or a reader would still find. */
async function notDisabled(deployment: SimulatedDeployment): Promise<readonly string[]> {
  const { connections } = await deployment.state();
  return connections.flatMap(({ id, attributes }) => [
    ...(attributes.disabled ? [] : [`${id} is not disabled`]),
    ...['checkSlot', 'reminderKey', 'recoveryKey']
      .filter((key) => key in attributes)
      .map((key) => `${id} is disabled and has ${key}`),
  ]);
}

/** Restores the deleted project without faults. */
export async function restore({ faultless }: SimulatedDeployment): Promise<void> {
  await RESTORE.run(faultless);
}

/** Deletes the project, or continues its deletion, until nothing should be left, and returns what is. */
export async function leftovers(deployment: SimulatedDeployment): Promise<readonly string[]> {
  await deleteProject(PROJECT, deployment.faultless).catch((error: unknown) => {
    if (!(error instanceof DomainError && error.code === 'project_not_found')) throw error;
  });
  await endDeletion(deployment);
  const state = await deployment.recover();
  // Box revokes one grant alone, so a grant that nobody needs must not outlive the project.
  const grants = deployment.providers.grantsInForce(BOX);
  return [
    ...(await storedKeys(deployment)).filter((key) => !MAY_STAY.test(key)).map((key) => `${key} is left`),
    ...grants.map(({ id }) => `the grant ${id} is in force`),
    ...(await deployment.invariantViolations(state)),
  ];
}

/** Items that TTL removes, among them retired credentials and the entry of the event, and those of no project. */
const MAY_STAY =
  /^(AUTHORIZATION#|BUDGET#|CHECKPOINT |CREDENTIALS#|IDEMPOTENCY#|REQUESTS#)|^PROJECT#[^ #]+ HISTORY#/;

const keyOf = z.pipe(
  z.object({ pk: z.string(), sk: z.string() }),
  z.transform(({ pk, sk }) => `${pk} ${sk}`),
);

async function storedKeys({ table, name }: SimulatedDeployment): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { Items = [] } of paginateScan(
    { client: table },
    { TableName: name, ConsistentRead: true },
  )) {
    keys.push(...Items.map((item) => keyOf.parse(item)));
  }
  return keys;
}
