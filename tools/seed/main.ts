import { credentialStore } from './credentials.ts';
import { fillProject, type Seeded } from './fill.ts';
import { openLocalTable } from './open.ts';
import { HELP, readSeedOptions, type SeedOptions } from './options.ts';

try {
  const options = readSeedOptions(process.argv.slice(2), process.env, new Date());
  if (options) await seed(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function seed({ dataDir, providers, seeding }: SeedOptions): Promise<void> {
  const open = await openLocalTable(dataDir, providers);
  try {
    const where = open.sandboxUrl ? 'the running local mode' : dataDir;
    process.stdout.write(`Seeding the project "${seeding.projectId}" in ${where}\n`);
    const startedAt = performance.now();
    const onProgress = progress(seeding.connections);
    const seeded = await fillProject(open.table, seeding, onProgress, credentialStore(dataDir, open));
    process.stdout.write(summary(seeded, (performance.now() - startedAt) / 1000));
  } finally {
    await open.close();
  }
}

/** Prints a line at each tenth. */
function progress(total: number): (connections: number) => void {
  let printed = 0;
  return (connections) => {
    const tenths = Math.floor((connections / total) * 10);
    if (tenths === printed) return;
    printed = tenths;
    process.stdout.write(`  ${String(tenths * 10).padStart(3)} %  ${connections} connections\n`);
  };
}

function summary({ connections, flows, integrations, counts }: Seeded, seconds: number): string {
  return `${connections} connections, ${flows} flows and ${integrations} integrations in ${seconds.toFixed(1)} s.
The project has ${counts.all} connections now: ${counts.active} active, ${counts.inactive} inactive.
`;
}
