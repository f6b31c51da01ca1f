import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { CONSOLE_FILES } from '../web/build.ts';
import { addCatalog, compileCatalog, unknownProviders } from './bundle/catalog.ts';
import { BUNDLES } from './bundle/entries.ts';
import { CAPABILITIES } from './bundle/wiring.ts';
import type { CodeSource } from './constructs/stage-context.ts';
import { type Settings, SettingsError } from './settings.ts';

/** Built parts of a deployment. */
export interface Builds {
  readonly codeFor: CodeSource;
  /** Returns the built files of the console; called in a stage that has one. */
  readonly consoleFiles: () => ISource;
}

/**
 * Returns the built functions and console: those that the package holds, or of the last build of this repository. A
 * stage with its own providers has copies of the functions, with its catalog.
 *
 * @param functions folder of the built functions.
 * @throws SettingsError where `checks.callsPerSecondOf` names no provider; CatalogError for invalid providers.
 */
export function builtParts({ providersFolder, checks }: Settings, functions = BUNDLES): Builds {
  const unknown = unknownProviders(Object.keys(checks.callsPerSecondOf), providersFolder);
  if (unknown.length > 0) {
    throw new SettingsError(`checks.callsPerSecondOf: no provider ${unknown.join(', ')}`);
  }
  const folder = providersFolder === undefined ? functions : withOwnProviders(providersFolder, functions);
  return {
    codeFor: (entry) => Code.fromAsset(existing(join(folder, entry))),
    consoleFiles: () => Source.asset(existing(CONSOLE_FILES)),
  };
}

function existing(folder: string): string {
  if (!existsSync(folder)) throw new Error(`${folder} is not built.`);
  return folder;
}

/** Copies the functions to a temporary folder, with a catalog of the built-in providers and an operator's own. */
function withOwnProviders(providersFolder: string, built: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'connections-'));
  const [functions, catalog] = [join(folder, 'functions'), join(folder, 'catalog')];
  cpSync(built, functions, { recursive: true });
  compileCatalog(catalog, providersFolder);
  for (const [entry, capabilities] of CAPABILITIES) addCatalog(catalog, join(functions, entry), capabilities);
  return functions;
}
