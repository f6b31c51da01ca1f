import { describe, expect, test } from 'vitest';
import { issueCredentials } from '../../../shared/domain/connections/issue-credentials.ts';
import { barrierAt, type Fault } from '../../harness/fault-injector.ts';
import { check, makeConnection, reconnectAs, unlink } from './operations.ts';
import { matches, PROJECT, type Scene, World } from './world.ts';

/** Before the secret is read, and after the connection was. */
const AT_THE_SECRET = 'GetSecretValueCommand';
const FAILED: readonly Fault[] = [{ at: AT_THE_SECRET, kind: 'server_error', lasting: true }];

/** Issues a connection's credentials while something else happens, in a deployment of its own. */
function issueDuring(
  meanwhile: (scene: Scene, connectionId: string) => Promise<unknown>,
  faults: readonly Fault[] = [],
) {
  return World.during((world) =>
    world.play(async (scene) => {
      const connectionId = await makeConnection(scene, 'flow');
      const guards = barrierAt(AT_THE_SECRET);
      const { ports, wire } = scene.process({ faults, barrier: guards });
      const issued = issueCredentials({ projectId: PROJECT, connectionId }, ports).catch((error) => error);
      await Promise.race([guards.reached.promise, issued]);
      await meanwhile(scene, connectionId);
      guards.released.resolve();
      const result = await issued;
      return { result, reads: wire.calls.filter(({ command }) => command === AT_THE_SECRET).length };
    }),
  );
}

describe('credentials that are asked for', () => {
  test('while the connection is disconnected: it is not there', async () => {
    const { result } = await issueDuring(async (scene, connectionId) => {
      await unlink('flow')(scene.sound);
      await scene.sound.retireSecret(connectionId);
    });
    expect(result).toMatchObject({ code: 'connection_not_found' });
  });

  test('while it is reconnected, and the former ones cannot be read: the new ones are', async () => {
    const { result, reads } = await issueDuring(
      (scene, connectionId) => reconnectAs(connectionId, 'new')(scene.sound),
      FAILED,
    );
    expect(result.connection).toMatchObject({ version: 2 });
    expect(matches(result.credentials, 'new')).toBe(true);
    expect(reads).toBe(2);
  });

  test('while it turns inactive, and they cannot be read: the action must not run', async () => {
    const { result } = await issueDuring(async (scene, connectionId) => {
      scene.revoked.add('old');
      await check(connectionId)(scene.sound);
    }, FAILED);
    expect(result).toMatchObject({ problem: { code: 'connection_inactive', reason: 'access_revoked' } });
  });

  test('while nothing changes, and they cannot be read: it is a fault of ours, and is read no more', async () => {
    const { result, reads } = await issueDuring(() => Promise.resolve(), FAILED);
    expect(result).toBeInstanceOf(Error);
    expect(result).not.toHaveProperty('problem');
    expect(reads).toBe(1);
  });
});
