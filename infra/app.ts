import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { CatalogError } from '../shared/catalog/compile.ts';
import { buildConsole, CONSOLE_FILES } from '../web/build.ts';
import { bundle } from './bundle/build.ts';
import { unknownProviders } from './bundle/catalog.ts';
import { BUNDLES, FUNCTIONS, findEntries } from './bundle/entries.ts';
import { Connections } from './connections.ts';
import { readSettings, SettingsError } from './settings.ts';
import { stages } from './stages/index.ts';

/** Synthesizes the stage of the context value `stage` (`cdk synth -c stage=prod`), by default `dev`. */
async function synthesize(): Promise<void> {
  const app = new App();
  const settings = readSettings(stages, String(app.node.tryGetContext('stage') ?? 'dev'));
  const entries = await findEntries(FUNCTIONS);
  const { providersFolder: ownProviders, checks } = settings;
  const unknown = unknownProviders(Object.keys(checks.callsPerSecondOf), ownProviders);
  if (unknown.length > 0)
    throw new SettingsError(`checks.callsPerSecondOf: no provider ${unknown.join(', ')}`);
  const bundles = await bundle({ functions: FUNCTIONS, entries, out: BUNDLES, ownProviders });
  const folders = new Map(bundles.map(({ entry, folder }) => [entry, folder]));
  if (settings.console) await buildConsole();
  // The CDK leaves the id `Default` out of the names that it generates.
  new Connections(app, 'Default', {
    settings,
    builds: {
      codeFor: (entry) => {
        const folder = folders.get(entry);
        if (folder === undefined) throw new Error(`functions/${entry}.ts does not exist.`);
        return Code.fromAsset(folder);
      },
      consoleFiles: () => Source.asset(CONSOLE_FILES),
    },
  });
  app.synth();
}

try {
  await synthesize();
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
