import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import * as z from 'zod';
import { Connections } from '../../infra/connections.ts';
import { readSettings, type SettingsInput } from '../../infra/settings.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const { context } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')));

/** App of a test stage, and its stacks. */
export interface SynthesizedStage
  extends Pick<Connections, 'data' | 'messages' | 'api' | 'operations' | 'console'> {
  readonly app: App;
}

/** Makes an app as `cdk synth` does, but for what tests do not need of it. */
export function testApp(): App {
  return new App({
    // The settings of tests have placeholders, and each synthesis would print a warning of each.
    context: { ...context, '@aws-cdk/core:annotationsInValidationReport': false },
    outdir: mkdtempSync(join(tmpdir(), 'synthesized-')),
    // CDK's template validation takes seconds. `cdk synth` runs it and fails on its findings.
    builtinCloudFormationValidation: false,
    treeMetadata: false,
    analyticsReporting: false,
  });
}

/** The stage of the valid settings. The files of a worker share it. */
let validStage: SynthesizedStage | undefined;

/** Declares the valid settings' stage, with changes to it; functions have no code, and the console one page. */
export function synthesizeStage(changes?: Partial<SettingsInput>): SynthesizedStage {
  if (changes) return declareStage(changes);
  validStage ??= declareStage({});
  return validStage;
}

function declareStage(changes: Partial<SettingsInput>): SynthesizedStage {
  const app = testApp();
  const settings = readSettings({ test: { ...VALID_SETTINGS, ...changes } }, 'test');
  const builds = {
    codeFor: () => Code.fromInline('//'),
    consoleFiles: () => Source.data('index.html', '<!doctype html>'),
  };
  const { data, messages, api, operations, console } = new Connections(app, 'Default', {
    settings,
    builds,
  });
  return { app, data, messages, api, operations, console };
}

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.optional(z.record(z.string(), z.unknown())),
      DependsOn: z.optional(z.array(z.string())),
      DeletionPolicy: z.optional(z.string()),
      UpdateReplacePolicy: z.optional(z.string()),
    }),
  ),
});

const outputs = z.object({
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
});

/** Resource of a template, with its logical id. */
export type Resource = z.output<typeof template>['Resources'][string] & { readonly id: string };

/** Finds the resources of a stack's template, of one type or of all. */
export function findResources(stack: Stack, type?: string): readonly Resource[] {
  const { Resources } = template.parse(Template.fromStack(stack).toJSON());
  return Object.entries(Resources)
    .map(([id, resource]) => ({ id, ...resource }))
    .filter((resource) => type === undefined || resource.Type === type);
}

/** Parses the properties of every resource of one type. */
export function parseProperties<S extends z.ZodType>(stack: Stack, type: string, schema: S): z.output<S>[] {
  return findResources(stack, type).map(({ Properties }) => schema.parse(Properties ?? {}));
}

/** Returns the exports of a stack's template: each value by its name. */
export function exportsOf(stack: Stack): ReadonlyMap<string, unknown> {
  const { Outputs } = outputs.parse(Template.fromStack(stack).toJSON());
  return new Map(
    Object.values(Outputs).flatMap(({ Value, Export }) => (Export ? [[Export.Name, Value] as const] : [])),
  );
}
