import { App } from 'aws-cdk-lib';
import { CatalogError } from '../shared/catalog/compile.ts';
import { buildConsole } from '../web/build.ts';
import { bundle } from './bundle/build.ts';
import { BUNDLES, FUNCTIONS, findEntries } from './bundle/entries.ts';
import { Connections } from './connections.ts';
import { readSettings, SettingsError } from './settings.ts';
import { stages } from './stages/index.ts';

/** Synthesizes the stage of the context value `stage` (`cdk synth -c stage=prod`), by default `dev`. */
async function synthesize(): Promise<void> {
  const app = new App();
  const settings = readSettings(stages, String(app.node.tryGetContext('stage') ?? 'dev'));
  await bundle({ functions: FUNCTIONS, entries: await findEntries(FUNCTIONS), out: BUNDLES });
  if (settings.console) await buildConsole();
  // The CDK leaves the id `Default` out of the names that it generates.
  new Connections(app, 'Default', { settings });
  app.synth();
}

try {
  await synthesize();
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
