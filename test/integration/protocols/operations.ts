import { announceExpiry } from '../../../shared/domain/connections/announce-expiry.ts';
import { checkConnection } from '../../../shared/domain/connections/check.ts';
import { reconnect } from '../../../shared/domain/connections/reconnect.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { connectIntegration } from '../../../shared/domain/flows/connect.ts';
import { linkIntegration } from '../../../shared/domain/flows/link.ts';
import { removeFlow as remove } from '../../../shared/domain/flows/remove.ts';
import { saveFlow } from '../../../shared/domain/flows/save.ts';
import { unlinkIntegration } from '../../../shared/domain/flows/unlink.ts';
import { Crash } from '../../harness/fault-injector.ts';
import { credentialsOf, type Ports, PROJECT, PROVIDER, person, type Scene } from './world.ts';

const flow = (name: string) => ({ projectId: PROJECT, flowId: name });
const step = (flowName: string, stepId = 'step') => ({ ...flow(flowName), stepId });

export async function makeFlow(scene: Scene, name: string): Promise<void> {
  await saveFlow({ ...flow(name), name }, scene.sound);
}

/** Makes a connection with the credentials of `by`, in a flow of that name. */
export async function makeConnection(
  scene: Scene,
  flowName: string,
  by = 'old',
  expiresAt?: string,
): Promise<string> {
  await makeFlow(scene, flowName);
  return (await create(flowName, by, expiresAt)(scene.sound)).id;
}

export const create = (flowName: string, by: string, expiresAt?: string) => (ports: Ports) =>
  connectIntegration(
    { ...step(flowName), providerId: PROVIDER, credentials: credentialsOf(by), expiresAt, actor: person(by) },
    ports,
  );

const ref = (connectionId: string) => ({ projectId: PROJECT, connectionId, expected: null });

export const reconnectAs = (id: string, by: string) => (ports: Ports) =>
  reconnect(
    { ...ref(id), credentials: credentialsOf(by), allowAccountChange: false, actor: person(by) },
    ports,
  );

export const rename = (id: string, name: string) => (ports: Ports) =>
  renameConnection({ ...ref(id), name, actor: person('someone') }, ports);

export const check = (id: string) => (ports: Ports) =>
  checkConnection({ ...ref(id), actor: { type: 'system' } }, ports);

/** Announces the ends that are near, and fails where one could not be. */
export const announce = async (ports: Ports) => {
  const { failures } = await announceExpiry(ports);
  for (const { error } of failures) throw error;
};

export const link = (id: string, flowName: string, stepId?: string) => (ports: Ports) =>
  linkIntegration(
    { ...step(flowName, stepId), providerId: PROVIDER, connectionId: id, actor: person('someone') },
    ports,
  );

export const unlink = (flowName: string, stepId?: string) => (ports: Ports) =>
  unlinkIntegration({ ...step(flowName, stepId), expected: null, actor: person('someone') }, ports);

export const removeFlow = (flowName: string) => (ports: Ports) =>
  remove({ ...flow(flowName), actor: person('someone') }, ports);

/** Runs something in a process that dies at a command, before or after it took effect. */
export async function dieAt(
  scene: Scene,
  at: string,
  kind: 'crash_before' | 'crash_after',
  run: (ports: Ports) => Promise<unknown>,
): Promise<void> {
  const { ports, wire } = scene.process({ faults: [{ at, kind, lasting: false }] });
  await run(ports).catch((error: unknown) => {
    if (!wire.crashed) throw error;
  });
  if (!wire.crashed) throw new Crash(`It never came to ${at}.`);
}
