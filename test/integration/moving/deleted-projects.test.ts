import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFile } from '../../../tools/move/export.ts';
import { beforeRestore, type Prepare, restore } from '../../harness/deleted-project.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { importDifferences, importedOf, importWith } from '../../harness/import-operations.ts';
import { everyInterleaving } from '../../harness/interleavings.ts';
import { addConnection, addFlow, DELETION, PROVIDER } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

const imported = importedOf('moved', { flows: [{ id: 'first', name: 'First', steps: ['one', 'two'] }] });

const importing: Prepare = async (deployment) => {
  deployment.providers.accept(PROVIDER, 'moved');
  // A project of which nothing is stored cannot be deleted.
  await addFlow(deployment, 'first');
  return { run: (ports) => importWith(ports, imported) };
};

/** Repeats the import, as the command does, and returns what is wrong then. */
async function repeated(deployment: SimulatedDeployment): Promise<readonly string[]> {
  const { outcome } = await importWith(deployment.faultless, imported);
  return [
    ...(outcome === 'disconnected' ? ['nobody removed it, and it is disconnected'] : []),
    ...importDifferences(imported, await deployment.state()),
  ];
}

test('an import during which its project is deleted is complete once the project is restored and the import repeated', {
  timeout: 60_000,
}, async () => {
  expect(await everyInterleaving(inDeployment, beforeRestore(importing, repeated))).toEqual([]);
});

test('an import into a deleted project changes nothing, and does not take its connections for removed', () =>
  inDeployment(async (deployment) => {
    const { run } = await importing(deployment);
    await run(deployment.faultless);
    await DELETION.run(deployment.faultless);
    const before = await deployment.state();
    await expect(run(deployment.faultless)).rejects.toMatchObject({ code: 'project_not_found' });
    expect(await deployment.state()).toEqual(before);
    await restore(deployment);
    expect(await run(deployment.faultless)).toMatchObject({ outcome: 'known', status: 'active' });
  }));

test('an export during which its project is deleted writes no file that lacks connections', () =>
  inDeployment(async (deployment) => {
    await addConnection(deployment);
    const file = join(mkdtempSync(join(tmpdir(), 'export-')), 'connections.ndjson');
    const seal = async () => {
      await DELETION.run(deployment.faultless);
      return 'sealed';
    };
    const run = { file, projectId: PROJECT, seal, onProgress: () => undefined };
    await expect(exportFile(run, deployment.faultless)).rejects.toThrow('is being deleted');
    expect(existsSync(file)).toBe(false);
  }));
